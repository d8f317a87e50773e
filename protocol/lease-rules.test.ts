import { expect, test } from "vitest";
import { countReady, listDrawn } from "./lease-rules.ts";
import { audited, JobStory, type StoryOptions } from "./testing/job-story.ts";
import { sampleRunner } from "./testing/sample-ids.ts";
import { ann, bob, cid, dan, entryOf, ref } from "./testing/sample-runners.ts";

const shardsOf = (tasks: readonly { shard: number }[]): number[] => tasks.map(({ shard }) => shard);
const checked = (options: StoryOptions = {}): JobStory => new JobStory({ plan: audited(), ...options });

test("a runner gets an equal share of what is left", () => {
  const story = new JobStory({ shards: 8 });
  expect(story.ask(ann, { runners: 2 })).toHaveLength(4);
  expect(story.ask(bob, { runners: 2 })).toHaveLength(2);
});

test("a runner gets no more than it asks for, and one at least while any is ready", () => {
  const story = new JobStory({ shards: 16 });
  expect(story.ask(ann, { leases_max: 2, runners: 1 })).toHaveLength(2);
  expect(story.ask(bob, { runners: 1_000 })).toHaveLength(1);
});

test("a fleet counted as empty is taken for one runner", () => {
  const story = new JobStory({ shards: 4 });
  expect(shardsOf(story.ask(ann, { runners: 0 }))).toEqual([0, 1, 2, 3]);
});

test("shards come from anywhere in the job, by chance alone, and in row order within a grant", () => {
  const story = new JobStory({ shards: 1_000 });
  const seen = new Set<number>();
  for (let n = 0; n < 100; n += 1) {
    const shards = shardsOf(story.decide(ann, { leases_max: 4, chance: 0.1 + 0.008 * n }));
    expect(shards).toEqual([...shards].sort((a, b) => a - b));
    expect(new Set(shards).size).toBe(4);
    for (const shard of shards) seen.add(shard);
  }
  expect([...seen].filter((shard) => shard < 500).length).toBeGreaterThan(120);
  expect([...seen].filter((shard) => shard >= 500).length).toBeGreaterThan(120);
  expect(story.decide(ann, { chance: 0.3 })).toEqual(story.decide(ann, { chance: 0.3 }));
});

test("a shard without an answer has one lease, and one with an answer none", () => {
  const story = new JobStory();
  expect(countReady(story.progress)).toBe(1);
  const [lease] = story.ask(ann);
  expect(countReady(story.progress)).toBe(0);
  if (lease) story.answer([{ lease, says: "x" }]);
  expect(countReady(story.progress)).toBe(0);
  expect(story.ask(bob)).toEqual([]);
});

test("shards that somebody failed on come last", () => {
  const story = new JobStory({ shards: 3 });
  story.tryAndFail(ann, 0);
  expect(shardsOf(story.ask(bob, { leases_max: 2 }))).toEqual([1, 2]);
  expect(shardsOf(story.ask(bob, { leases_max: 1 }))).toEqual([0]);
});

test("a runner waits two seconds before it gets again what it failed on; others get it at once", () => {
  const story = new JobStory();
  story.tryAndFail(ann, 0);
  expect(story.ask(ann)).toEqual([]);
  expect(shardsOf(story.decide(bob))).toEqual([0]);
  story.pass(1_999);
  expect(story.decide(ann)).toEqual([]);
  story.pass(1);
  expect(shardsOf(story.decide(ann))).toEqual([0]);
});

test("a runner that hands a shard back or loses it leaves it to others for two seconds", () => {
  const story = new JobStory();
  story.lease(ann, [0]);
  story.handBack(ann, [0]);
  expect(story.ask(ann)).toEqual([]);
  expect(shardsOf(story.ask(bob))).toEqual([0]);
  story.pass(15_000).expire();
  expect(story.ask(bob)).toEqual([]);
  expect(shardsOf(story.ask(ann))).toEqual([0]);
});

test("a runner that has failed three times on a shard gets it no more", () => {
  const story = new JobStory();
  for (let tries = 0; tries < 3; tries += 1) story.tryAndFail(ann, 0);
  story.pass(600_000);
  expect(story.ask(ann)).toEqual([]);
  expect(shardsOf(story.ask(bob))).toEqual([0]);
});

test("a runner that fails and never answers has to wait, each time twice as long", () => {
  const story = new JobStory({ shards: 20 });
  for (let shard = 0; shard < 3; shard += 1) story.tryAndFail(ann, shard);
  expect(story.pass(3_999).decide(ann)).toEqual([]);
  expect(story.pass(1).decide(ann)).not.toEqual([]);
  story.tryAndFail(ann, 3);
  expect(story.pass(7_999).decide(ann)).toEqual([]);
  expect(story.pass(1).decide(ann)).not.toEqual([]);
  for (const shard of [5, 6, 7]) story.commit(ann, shard, "x");
  story.tryAndFail(ann, 4);
  expect(story.decide(ann)).not.toEqual([]);
});

test("a runner gets the checks that were drawn for it before anything else", () => {
  const story = checked({ shards: 5, runners: [ann, bob] });
  story.commit(ann, 3, "x");
  expect(listDrawn(story.progress)).toEqual([bob]);
  expect(story.decide(bob, { leases_max: 1 })).toEqual([{ shard: 3, role: "audit", of: null }]);
  const tasks = story.decide(bob, { leases_max: 3 });
  expect(tasks.filter(({ role }) => role === "audit")).toHaveLength(1);
  expect(shardsOf(tasks)).toEqual([...shardsOf(tasks)].sort((a, b) => a - b));
});

test("nobody gets a check that was drawn for somebody else", () => {
  const story = checked({ runners: [ann, bob, cid] });
  story.commit(ann, 0, "x");
  const [drawn] = story.drawn();
  for (const other of [ann, bob, cid, dan]) if (other !== drawn) expect(story.decide(other)).toEqual([]);
});

test("a runner that gave a check back waits two seconds before it gets it again", () => {
  const story = checked({ runners: [ann, bob] });
  story.commit(ann, 0, "x");
  expect(story.ask(bob)).toHaveLength(1);
  story.handBack(bob, [0]);
  story.draw();
  expect(story.drawn()).toEqual([bob]);
  expect(story.decide(bob)).toEqual([]);
  expect(story.pass(2_000).decide(bob)).toHaveLength(1);
});

test("a referee gets disagreements that it was drawn for, and no other work", () => {
  const story = checked({ shards: 3, runners: [ann, bob, entryOf(ref, { referee: true })] });
  expect(story.decide(ref)).toEqual([]);
  story.commit(ann, 0, "x");
  story.check(bob, "y");
  story.draw();
  expect(story.decide(ref)).toEqual([{ shard: 0, role: "referee", of: bob }]);
});

test("a convicted runner gets nothing", () => {
  const story = checked({ shards: 3, runners: [ann, bob, entryOf(ref, { referee: true })] });
  story.commit(ann, 0, "wrong");
  story.checkAll(() => "right");
  expect([...story.progress.convicted]).toEqual([ann]);
  expect(story.ask(ann)).toEqual([]);
});

test("nobody computes a shard again of which its answer has fallen", () => {
  const story = checked({ runners: [ann, bob, entryOf(ref, { referee: true })] });
  story.commit(ann, 0, "x+2");
  story.checkAll(() => "x");
  expect(story.shard().past).toMatchObject([{ why: "set_aside", answer: { runner: ann } }]);
  expect(story.ask(ann)).toEqual([]);
  expect(shardsOf(story.ask(bob))).toEqual([0]);
});

test("a job that has ended has nothing ready and leases nothing", () => {
  const story = new JobStory({ shards: 3 });
  expect(countReady(story.progress)).toBe(3);
  story.record({ kind: "canceled" });
  expect(countReady(story.progress)).toBe(0);
  expect(story.ask(ann)).toEqual([]);
});

const novice = (id: typeof ann) => entryOf(id, { passed: 0 });
const computes = (story: JobStory, runner: typeof ann): number =>
  story.ask(runner).filter(({ role }) => role === "compute").length;

test("a new provider gets a twentieth of a job at most while others could do it", () => {
  const story = checked({ shards: 100, runners: [novice(ann), bob, cid] });
  story.commit(bob, 0, "x");
  expect([ann, ann, cid].map((runner) => computes(story, runner))).toEqual([5, 0, 16]);
});

test("of a small job a new provider still gets one shard", () => {
  const story = checked({ shards: 4, runners: [novice(ann), bob] });
  story.commit(bob, 0, "x");
  expect([ann, ann].map((runner) => computes(story, runner))).toEqual([1, 0]);
});

test("where all are new nobody has to wait", () => {
  const all = [ann, bob, cid].map(novice);
  const story = checked({ shards: 100, runners: all });
  story.commit(bob, 0, "x");
  story.checkAll(() => "x");
  expect(computes(story, ann)).toBe(16);
});

test("audits passed in this job count towards the end of probation", () => {
  const runners = [novice(ann), ...Array.from({ length: 25 }, (_, n) => sampleRunner(100 + n))];
  const story = checked({ shards: 100, runners });
  for (let shard = 0; shard < 10; shard += 1) {
    story.commit(ann, shard, "x");
    story.checkAll(() => "x");
  }
  expect(story.progress.providers.get(ann)?.audits_passed).toBe(20);
  expect(computes(story, ann)).toBe(16);
});
