import fc from "fast-check";
import { expect, test } from "vitest";
import { rosterDigest } from "./apply-draws.ts";
import { drawValue } from "./draw.ts";
import { listDrawRequests, listUntaken, makeDraw, requestFirstDraw } from "./draw-rules.ts";
import { audited, JobStory, STORY_SEED } from "./testing/job-story.ts";
import { sampleRunner } from "./testing/sample-ids.ts";
import { ann, bob, cid, dan, entryOf, eve, ref } from "./testing/sample-runners.ts";

const fleet = Array.from({ length: 20 }, (_, n) => sampleRunner(100 + n));
const referee = entryOf(ref, { referee: true });

test("auditors are drawn in the fact of the answer, and there is no trace of them before", () => {
  const story = new JobStory({ plan: audited(2), runners: [ann, ...fleet] });
  const [lease] = story.lease(ann, [0]);
  expect(story.shard()).toMatchObject({ checks: [], draws: [] });
  expect(story.progress.rosters.size).toBe(0);
  if (lease) story.answer([{ lease, says: "x" }]);
  const fact = story.facts.at(-1)?.fact;
  expect(fact).toMatchObject({ kind: "committed", draws: [{ shard: 0, round: 0, purpose: "audit" }] });
  expect(story.drawn()).toHaveLength(2);
});

test("who has not the seed cannot tell from anything else who will be drawn: another answer draws others", () => {
  const lots = new Set<string>();
  for (let n = 0; n < 20; n += 1) {
    const story = new JobStory({ plan: audited(3), runners: [ann, ...fleet] });
    story.commit(ann, 0, `answer ${n}`);
    lots.add(story.drawn().join());
  }
  expect(lots.size).toBeGreaterThan(15);
});

test("once the seed is known everybody can repeat every draw of a job", () => {
  const story = new JobStory({ shards: 6, plan: audited(2, 1e-3), runners: [ann, bob, ...fleet, referee] });
  for (let shard = 0; shard < 6; shard += 1) story.commit(shard % 2 === 0 ? ann : bob, shard, "x");
  story.checkAll((runner) => (runner === fleet[3] ? "y" : "x"));
  let draws = 0;
  for (const { fact } of story.facts) {
    if (fact.kind !== "committed" && fact.kind !== "drawn") continue;
    for (const draw of fact.draws) {
      const { shard, round, purpose, of } = draw;
      const { answer } = story.shard(shard);
      const { job_id } = story.progress.plan;
      const root = answer?.root ?? expect.fail("the answer stands");
      expect(drawValue(STORY_SEED, { job_id, shard, round, purpose, of, root })).toBe(draw.value);
      const roster = story.progress.rosters.get(draw.roster);
      expect(roster && rosterDigest(roster)).toBe(draw.roster);
      draws += 1;
    }
  }
  expect(draws).toBeGreaterThanOrEqual(6);
});

test("a draw counts up its rounds, so that a second one on the same answer is another", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, ...fleet] });
  story.commit(ann, 0, "x");
  for (let n = 0; n < 4; n += 1) story.pass(15_001).draw();
  expect(story.shard().draws.map(({ round }) => round)).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(story.shard().draws.map(({ value }) => value)).size).toBe(5);
});

test("the roster is told once, with the first draw that uses it", () => {
  const story = new JobStory({ shards: 3, plan: audited(), runners: [ann, bob, cid] });
  const rostersTold = (): number => {
    const fact = story.facts.at(-1)?.fact;
    return fact?.kind === "committed" ? fact.rosters.length : 0;
  };
  story.commit(ann, 0, "x");
  expect(rostersTold()).toBe(1);
  story.commit(ann, 1, "x");
  expect(rostersTold()).toBe(0);
  story.setRunners([ann, bob, cid, dan]).commit(ann, 2, "x");
  expect(rostersTold()).toBe(1);
});

test("neither its maker nor anybody of its maker's group audits an answer, and no two auditors of one group", () => {
  const groups = fc.array(fc.constantFrom("owner a", "owner b", "net a", "net b"), { maxLength: 2 });
  fc.assert(
    fc.property(
      fc.array(groups, { minLength: 2, maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      (of, auditors) => {
        const entries = of.map((groups, n) => entryOf(sampleRunner(n), { groups }));
        const [maker] = entries;
        if (maker === undefined) return;
        const story = new JobStory({ plan: audited(auditors), runners: entries });
        story.commit(maker.id, 0, "x");
        for (let turn = 0; turn < 3; turn += 1) {
          const parties = [maker.id, ...story.shard().checks.map(({ runner }) => runner)];
          expect(new Set(parties).size).toBe(parties.length);
          const own = parties.map((id) => new Set(entries.find((entry) => entry.id === id)?.groups));
          const tags = own.flatMap((set) => [...set]);
          expect(new Set(tags).size).toBe(tags.length);
          const [next] = story.drawn();
          if (next !== undefined) story.check(next, "x");
          story.draw();
        }
      },
    ),
  );
});

test("who does not take its check in five seconds is passed over for somebody fresh", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, cid] });
  story.commit(ann, 0, "x");
  const [first] = story.drawn();
  expect(story.pass(5_000).draw()).toBeNull();
  expect(story.pass(1).draw()).toMatchObject({ kind: "drawn", skipped: [{ shard: 0, runner: first }] });
  expect(story.drawn()).toEqual([first === bob ? cid : bob]);
});

test("where nobody else could be drawn a runner is waited for three times as long, and drawn twelve times at most", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob] });
  story.commit(ann, 0, "x");
  expect(story.pass(15_000).draw()).toBeNull();
  expect(listUntaken(story.progress, story.now_ms)).toEqual([{ shard: 0, runner: bob, isLost: false }]);
  for (let n = 1; n < 12; n += 1) {
    expect(story.pass(15_001).draw()).toMatchObject({
      skipped: [{ runner: bob }],
      draws: [{ runners: [bob] }],
    });
  }
  expect(story.pass(60_000).draw()).toBeNull();
  expect(story.check(bob, "x")).toMatchObject([{ kind: "wanted" }]);
});

test("who takes a check and only sends heartbeats holds up nothing: after fifteen seconds somebody else is drawn", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, cid] });
  story.commit(ann, 0, "x");
  const [first] = story.drawn();
  const [held] = first === undefined ? [] : story.ask(first);
  story.pass(15_000);
  if (held) story.renew(held);
  expect(story.draw()).toBeNull();
  story.pass(1).draw();
  expect(story.drawn()).toEqual([first === bob ? cid : bob]);
  expect(story.shard().leases).toMatchObject([{ id: held?.id }]);
});

test("who is given a check three times and never answers is drawn for it no more", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob] });
  story.commit(ann, 0, "x");
  for (let n = 0; n < 3; n += 1) {
    expect(story.drawn()).toEqual([bob]);
    expect(story.pass(2_000).ask(bob)).toHaveLength(1);
    story.handBack(bob, [0]);
    story.draw();
  }
  expect(story.drawn()).toEqual([]);
  story.setRunners([ann, bob, cid]).draw();
  expect(story.drawn()).toEqual([cid]);
});

test("an answer that nobody could be drawn for is drawn for as soon as somebody is there, a new provider's twice", () => {
  const story = new JobStory({ plan: audited(), runners: [] });
  story.commit(ann, 0, "x");
  expect(story.drawn()).toEqual([]);
  expect(story.draw()).toBeNull();
  story.setRunners([entryOf(ann, { passed: 0 }), bob, cid, dan]).draw();
  expect(story.drawn()).toHaveLength(2);
  expect(story.shard()).toMatchObject({ wanted: 2, draws: [{ round: 0 }] });
});

test("a new provider's answers get one auditor more, as long as it is new", () => {
  const story = new JobStory({
    shards: 2,
    plan: audited(),
    runners: [entryOf(ann, { passed: 19 }), ...fleet],
  });
  story.commit(ann, 0, "x");
  expect(story.drawn(0)).toHaveLength(2);
  story.checkAll(() => "x");
  expect(story.progress.providers.get(ann)?.audits_passed).toBe(2);
  story.commit(ann, 1, "x");
  expect(story.drawn(1)).toHaveLength(1);
  expect(story.shard(1).wanted).toBe(1);
});

test("where there is only one to audit, one is enough for a new provider", () => {
  const story = new JobStory({ plan: audited(), runners: [entryOf(ann, { passed: 0 }), bob] });
  story.commit(ann, 0, "x");
  story.check(bob, "x");
  expect(story.end()).toEqual({ kind: "complete" });
});

test("when the one more that a new provider needs falls out and nobody is left, a lot among nobody says so", () => {
  const novice = entryOf(ann, { passed: 0 });
  const story = new JobStory({ shards: 2, plan: audited(), runners: [novice, bob, cid, referee] });
  story.commit(ann, 0, "x");
  story.check(bob, "x");
  story.check(cid, "x");
  story.setRunners([novice, bob, cid, referee]);
  story.commit(bob, 1, "wrong");
  story.checkAll((runner, { shard }) => (shard === 0 || runner === bob ? "x" : "right"));
  expect([...story.progress.convicted]).toEqual([bob]);
  expect(story.shard(0)).toMatchObject({ wanted: 1, draws: [{}, { round: 1, runners: [], wanted: 1 }] });
});

test("nothing is drawn where nothing is checked, nor for a job that has ended", () => {
  const unchecked = new JobStory();
  unchecked.commit(ann, 0, "x");
  expect(unchecked.shard().draws).toEqual([]);
  expect(requestFirstDraw(unchecked.progress, 0, ann)).toBeNull();
  const story = new JobStory({ plan: audited(2), runners: [ann, bob, cid] });
  story.commit(ann, 0, "x");
  story.record({ kind: "canceled" });
  expect(listDrawRequests(story.progress)).toEqual([]);
  expect(listUntaken(story.progress, story.now_ms + 60_000)).toEqual([]);
});

test("trusted referees audit nobody, and are drawn for every disagreement while there is one", () => {
  const story = new JobStory({ plan: audited(3), runners: [ann, bob, cid, referee] });
  story.commit(ann, 0, "x");
  expect(story.drawn().toSorted()).toEqual([bob, cid]);
  story.check(bob, "y");
  story.draw();
  expect(story.awaited().filter(({ role }) => role === "referee")).toMatchObject([{ runner: ref, of: bob }]);
});

test("one trusted referee decides two disagreements about one answer, one after the other", () => {
  const story = new JobStory({ plan: audited(2), runners: [ann, bob, cid, referee] });
  story.commit(ann, 0, "x");
  story.check(bob, "y");
  story.check(cid, "z");
  story.draw();
  expect(story.awaited()).toMatchObject([
    { role: "referee", runner: ref },
    { role: "referee", runner: ref },
  ]);
  expect(story.check(ref, "x")).toHaveLength(1);
  expect(story.check(ref, "x")).toHaveLength(1);
  expect(story.progress.convicted).toEqual(new Set([bob, cid]));
});

test("a referee of the maker's group, or of the auditor's, is not asked", () => {
  const related = [entryOf(ann, { groups: ["a"] }), entryOf(bob, { groups: ["b"] })];
  const referees = [
    entryOf(ref, { referee: true, groups: ["a"] }),
    entryOf(eve, { referee: true, groups: ["b"] }),
  ];
  const story = new JobStory({ plan: audited(), runners: [...related, ...referees, cid, dan] });
  story.setRunners(related).commit(ann, 0, "x");
  story.setRunners([...related, ...referees, cid, dan]);
  story.check(bob, "y");
  story.draw();
  expect(story.drawn().toSorted()).toEqual([cid, dan]);
});

test("who checked the answer is asked about a disagreement only when nobody else is there", () => {
  const story = new JobStory({ plan: audited(2), runners: [ann, bob, cid] });
  story.commit(ann, 0, "x");
  story.check(cid, "x");
  story.check(bob, "y");
  story.setRunners([ann, bob, cid, dan]).draw();
  expect(story.drawn()).toEqual([dan]);
  story.check(dan, "x");
  story.draw();
  expect(story.drawn()).toEqual([cid]);
});

test("a draw of the same lot from the same progress is the same", () => {
  const story = new JobStory({ plan: audited(2), runners: [ann, ...fleet] });
  story.setRunners([]).commit(ann, 0, "x");
  story.setRunners([ann, ...fleet]);
  const [request] = listDrawRequests(story.progress);
  if (request === undefined) throw new Error("a lot is to be drawn");
  expect(makeDraw(story.progress, request, story.source)).toEqual(
    makeDraw(story.progress, request, story.source),
  );
});
