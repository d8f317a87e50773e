import { Sha256 } from "@infernet/schemas/digest";
import type { CommittedFact, JobFact } from "@infernet/schemas/job-fact";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyFact } from "./apply-fact.ts";
import { createProgress, type JobProgress, validCommitments } from "./job-progress.ts";
import { openLeases } from "./lease-rules.ts";
import { assertStep } from "./testing/assert-step.ts";
import { JobStory } from "./testing/job-story.ts";
import { type Behaviour, type Draw, type RandomRunner, takeTurn } from "./testing/random-runners.ts";
import { sampleRunner } from "./testing/sample-ids.ts";
import { createDraw } from "./testing/seeded-draw.ts";

const TURN_MS = 500;
const DEADLINE_MS = 900_000;

interface Cast {
  shards: number;
  replicas: number;
  behaviours: Behaviour[];
}

const some = (behaviour: Behaviour, maxLength: number) => fc.array(fc.constant(behaviour), { maxLength });

/** Any crowd with as many honest runners as a quorum needs, and not so many others that they could decide alone. */
const cast: fc.Arbitrary<Cast> = fc
  .record({ shards: fc.integer({ min: 1, max: 8 }), replicas: fc.integer({ min: 1, max: 3 }) })
  .chain(({ shards, replicas }) =>
    fc
      .tuple(
        fc.array(fc.constantFrom<Behaviour>("honest", "repeating"), { minLength: replicas, maxLength: 5 }),
        some("wrong", replicas),
        some("failing", 2),
        fc.array(fc.constantFrom<Behaviour>("slow", "late", "stuck", "dead", "leaving"), { maxLength: 4 }),
      )
      .map((groups) => ({ shards, replicas, behaviours: groups.flat() })),
  );

/** Plays a job to its end, each step checked. */
function play({ shards, replicas, behaviours }: Cast, draw: Draw): JobStory {
  const story = new CheckedStory({ shards, replicas, deadline_ms: DEADLINE_MS, lease_ms: 5_000 });
  const runners: RandomRunner[] = behaviours.map((behaviour, n) => ({
    id: sampleRunner(n),
    behaviour,
    held: [],
    answered: [],
  }));
  while (story.end() === null) {
    story.expire();
    const first = draw(runners.length);
    for (const [n] of runners.entries()) {
      const runner = runners[(first + n) % runners.length];
      if (runner !== undefined && story.end() === null) takeTurn(story, runner, runners.length, draw);
    }
    story.pass(TURN_MS);
  }
  return story;
}

class CheckedStory extends JobStory {
  override record(fact: JobFact): void {
    const before = this.progress;
    if (fact.kind === "leased") assertLeasesAllowed(before, fact.shards);
    if (fact.kind === "committed") assertChosenAfterFirst(before, fact);
    super.record(fact);
    assertStep(before, this.progress);
  }
}

/** Without an answer that counts a shard is leased only while nobody holds it, or as a hedge. */
function assertLeasesAllowed(progress: JobProgress, shards: readonly number[]): void {
  for (const index of shards) {
    const shard = progress.shards[index];
    if (shard === undefined) throw new Error("only shards of the job are leased");
    const isHedge = openLeases(progress, shard) === 0;
    if (isHedge || validCommitments(progress, shard).length > 0) continue;
    expect(shard.leases, "leases out before the first answer").toEqual([]);
  }
}

/** Whoever answers a shard beside answers that count was leased it after the first of them. */
function assertChosenAfterFirst(progress: JobProgress, { runner, results }: CommittedFact): void {
  for (const { shard: index } of results) {
    const shard = progress.shards[index];
    const first = shard && validCommitments(progress, shard)[0];
    if (first === undefined) continue;
    const seqs = [...progress.grants.values()]
      .filter((grant) => grant.runner === runner && grant.shards.includes(index))
      .map((grant) => grant.seq);
    expect(Math.max(0, ...seqs), `when ${runner} was leased shard ${index}`).toBeGreaterThan(first.seq);
  }
}

function assertAcceptedOutputs(story: JobStory): void {
  const { shards, plan } = story.progress;
  for (const [index, { accepted, commitments }] of shards.entries()) {
    if (accepted === null) throw new Error("a complete job has every shard accepted");
    const stands = story.said(index, accepted);
    const agreeing = commitments.filter(({ runner }) => story.said(index, runner) === stands);
    expect(new Set(agreeing.map(({ runner }) => runner)).size).toBeGreaterThanOrEqual(plan.replicas);
    if (plan.replicas > 1) expect(stands).toBe(`truth of ${index}`);
  }
}

function assertTallies(story: JobStory): void {
  const { progress, facts } = story;
  const total = (
    key: "shards_committed" | "shards_failed" | "shards_expired" | "shards_outvoted" | "shards_agreed",
  ) => [...progress.providers.values()].reduce((sum, tally) => sum + tally[key], 0);
  const returned = (reason: string): number =>
    facts.reduce(
      (sum, { fact }) => sum + (fact.kind === "returned" && fact.reason === reason ? fact.shards.length : 0),
      0,
    );
  const verdicts = facts.flatMap(({ fact }) => (fact.kind === "committed" ? fact.verdicts : []));
  expect(total("shards_committed")).toBe(progress.shards.flatMap((shard) => shard.commitments).length);
  expect(total("shards_failed")).toBe(progress.shards.flatMap((shard) => shard.failures).length);
  expect(total("shards_failed")).toBe(returned("failed"));
  expect(total("shards_expired")).toBe(returned("expired"));
  expect(total("shards_outvoted")).toBe(verdicts.flatMap((verdict) => verdict.outvoted).length);
  const agreed = verdicts.filter((verdict) => verdict.agreed.length > 1).flatMap((verdict) => verdict.agreed);
  expect(total("shards_agreed")).toBe(agreed.length);
}

function replay(story: JobStory): JobProgress {
  const queued_ms = story.progress.timestamps.queued ?? 0;
  return story.facts.reduce(
    (progress, { fact, seq, at_ms }) => applyFact(progress, fact, seq, at_ms),
    createProgress(story.progress.plan, queued_ms),
  );
}

test("a job with enough honest runners completes, whatever the others do, and its log tells all of it", () => {
  fc.assert(
    fc.property(cast, fc.integer(), (crowd, seed) => {
      const story = play(crowd, createDraw(seed));
      expect(story.end()).toEqual({ kind: "complete" });
      assertAcceptedOutputs(story);
      assertTallies(story);
      expect(replay(story)).toEqual(story.progress);
      const result = {
        url: "https://edge.test/result",
        sha256: Sha256.parse("0".repeat(64)),
        bytes: 1,
        content_type: "application/cbor",
        outputs: [],
        expires_at: "2026-01-01T00:00:00.000Z",
      };
      story.record({ kind: "succeeded", result });
      expect(() => story.record({ kind: "canceled" })).toThrow("a job that is succeeded takes no fact");
    }),
    { numRuns: 300 },
  );
}, 60_000);

test("a job without enough honest runners still ends, at its deadline at the latest", () => {
  const anyone = fc.constantFrom<Behaviour>("wrong", "failing", "slow", "late", "stuck", "dead", "leaving");
  const crowd = fc.record({
    shards: fc.integer({ min: 1, max: 3 }),
    replicas: fc.integer({ min: 1, max: 3 }),
    behaviours: fc.array(anyone, { minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(crowd, fc.integer(), (few, seed) => {
      const story = play(few, createDraw(seed));
      if (story.end()?.kind === "complete") assertTallies(story);
      else expect(story.end()).toMatchObject({ detail: expect.any(String) });
      expect(replay(story)).toEqual(story.progress);
    }),
    { numRuns: 20 },
  );
}, 60_000);
