import fc from "fast-check";
import { expect, test } from "vitest";
import { shareOut } from "./earnings.ts";
import { settle } from "./settlement.ts";
import { audited, type JobStory } from "./testing/job-story.ts";
import { type Cast, endRecall, gather, LIARS, partOf, play, TERMS } from "./testing/play-crowd.ts";
import { type Behaviour, type Crowd, truthOf } from "./testing/random-runners.ts";
import { createDraw } from "./testing/seeded-draw.ts";

const IDLERS: readonly Behaviour[] = ["failing", "slow", "late", "stuck", "dead", "leaving", "drifting"];

const some = (behaviours: readonly Behaviour[], minLength: number, maxLength: number) =>
  fc.array(fc.constantFrom(...behaviours), { minLength, maxLength });

const plans = fc.oneof(
  fc.integer({ min: 1, max: 3 }).map((auditors) => audited(auditors)),
  fc.constant({ ...audited(1), mode: "quorum" as const, audit_rows: 10 }),
  fc.constant(audited(1, 0.02)),
);

/** A crowd in which the honest are enough for every check, with a referee that the operator trusts. */
const cast: fc.Arbitrary<Cast> = fc
  .tuple(
    fc.integer({ min: 1, max: 8 }),
    plans,
    some(["honest", "repeating"], 6, 9),
    some(LIARS, 0, 3),
    some(IDLERS, 0, 4),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([shards, plan, honest, liars, idlers, areNew, areOwned]) => ({
    shards,
    plan,
    behaviours: [...honest, ...liars, ...idlers.slice(0, honest.length), "referee" as const],
    areNew,
    areOwned,
  }));

const behaviourOf = ({ runners }: Crowd, id: string): Behaviour | undefined =>
  runners.find((runner) => runner.id === id)?.behaviour;

/** What stands is true, but where all who checked a lie are its maker's friends, of another owner. */
function assertTruth(crowd: Crowd, { areOwned }: Cast): void {
  const { shards } = crowd.story.progress;
  for (const [index, { answer, checks }] of shards.entries()) {
    const says = crowd.story.stands(index);
    if (says === truthOf(index) || says === `${truthOf(index)}+2`) continue;
    expect(areOwned, "liars of one owner never audit each other").toBe(false);
    const passed = checks.filter(({ outcome, role }) => role === "audit" && outcome === "passed");
    const parties = [answer?.runner ?? "nobody", ...passed.map(({ runner }) => runner)];
    expect(parties.map((id) => behaviourOf(crowd, id))).toEqual(parties.map(() => "cabal"));
  }
}

/** Only liars are found wrong, and what was paid is what there was to pay. */
function assertJustice(crowd: Crowd): void {
  const { progress } = crowd.story;
  for (const id of progress.convicted) expect(LIARS).toContain(behaviourOf(crowd, id));
  const { shared } = settle(progress, TERMS);
  const shares = shareOut(progress, shared);
  expect([...shares.values()].reduce((sum, share) => sum + share, 0n)).toBe(shared);
  for (const id of progress.convicted) expect(shares.get(id)).toBeUndefined();
}

test("with a trusted referee a job completes with right outputs, whatever the others do, and no honest runner is convicted", () => {
  fc.assert(
    fc.property(cast, fc.integer(), (people, seed) => {
      const crowd = gather(people, createDraw(seed));
      const story = play(crowd);
      expect(story.end()).toEqual({ kind: "complete" });
      assertTruth(crowd, people);
      expect(story.replay()).toEqual(story.progress);
      story.succeed();
      assertJustice(crowd);
      expect(() => story.record({ kind: "canceled" })).toThrow("a job that is succeeded takes no fact");
    }),
    { numRuns: 300 },
  );
}, 120_000);

test("a recall ends with right outputs, and refunds what was wrong and no more", () => {
  const recalled = fc.tuple(cast, fc.integer(), fc.nat(), fc.boolean());
  fc.assert(
    fc.property(recalled, ([people, seed, pick, thorough]) => {
      const crowd = gather(people, createDraw(seed));
      const story = play(crowd).succeed();
      const before = story.progress.shards.map((_, index) => story.stands(index));
      for (const turn of [0, 1]) {
        const makers = [...story.progress.providers.keys()];
        const convict = makers[(pick + turn) % makers.length] ?? expect.fail("somebody took part");
        story.recall(convict, thorough);
        play(crowd);
        endRecall(story);
        assertTruth(crowd, people);
      }
      const changed = before.flatMap((says, index) => (says === story.stands(index) ? [] : [index]));
      const { recall } = story.progress;
      const isWrong = (index: number): boolean => !(before[index] ?? "").startsWith(truthOf(index));
      for (const index of changed.filter(isWrong)) expect(recall?.shards).toContain(index);
      expect(BigInt(recall?.refund_micro ?? 0)).toBe(partOf(story, recall?.shards ?? []));
      expect(recall?.state).toBe(recall?.shards.length === 0 ? "upheld" : "revoked");
      expect(story.replay()).toEqual(story.progress);
    }),
    { numRuns: 100 },
  );
}, 120_000);

test("without a trusted referee every job still ends, at its deadline at the latest, with a reason", () => {
  const anyone = fc.constantFrom<Behaviour>("honest", "repeating", ...LIARS, ...IDLERS);
  const crowds = fc.record({
    shards: fc.integer({ min: 1, max: 3 }),
    plan: plans,
    behaviours: fc.array(anyone, { minLength: 1, maxLength: 8 }),
    areNew: fc.boolean(),
    areOwned: fc.boolean(),
  });
  fc.assert(
    fc.property(crowds, fc.integer(), (people, seed) => {
      const crowd = gather(people, createDraw(seed));
      const story: JobStory = play(crowd);
      if (story.end()?.kind === "complete") story.succeed();
      else expect(story.end()).toMatchObject({ detail: expect.stringMatching(/shard/) });
      expect(story.replay()).toEqual(story.progress);
    }),
    { numRuns: 60 },
  );
}, 120_000);
