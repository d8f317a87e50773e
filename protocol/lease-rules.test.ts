import { expect, test } from "vitest";
import { shardAt } from "./job-progress.ts";
import { countReady, decideLeases, openLeases } from "./lease-rules.ts";
import { JobStory } from "./testing/job-story.ts";
import { ann, bob, cid, dan } from "./testing/sample-runners.ts";

const shardsOf = (leases: { shard: number }[]): number[] => leases.map((lease) => lease.shard);
const open = (story: JobStory): number => openLeases(story.progress, shardAt(story.progress.shards, 0));

test("a runner gets shards in row order, an equal share of what is left", () => {
  const story = new JobStory({ shards: 8 });
  expect(shardsOf(story.ask(ann, { runners: 2 }))).toEqual([0, 1, 2, 3]);
  expect(shardsOf(story.ask(bob, { runners: 2 }))).toEqual([4, 5]);
});

test("a runner gets no more than it asks for, and one at least while any is ready", () => {
  const story = new JobStory({ shards: 16 });
  expect(shardsOf(story.ask(ann, { leases_max: 2, runners: 1 }))).toEqual([0, 1]);
  expect(shardsOf(story.ask(bob, { runners: 1_000 }))).toEqual([2]);
});

test("a fleet counted as empty is taken for one runner", () => {
  const story = new JobStory({ shards: 4 });
  expect(shardsOf(story.ask(ann, { runners: 0 }))).toEqual([0, 1, 2, 3]);
});

test("without a quorum a shard is open for one lease, and for none once it is accepted", () => {
  const story = new JobStory();
  expect(open(story)).toBe(1);
  const [lease] = story.ask(ann);
  expect(open(story)).toBe(0);
  if (lease) story.answer([{ lease, says: "x" }]);
  expect(open(story)).toBe(0);
  expect(shardsOf(story.ask(bob))).toEqual([]);
});

test("the other replicas of a quorum are leased only after the first has committed", () => {
  const story = new JobStory({ replicas: 3 });
  story.lease(ann, [0]);
  expect(open(story)).toBe(0);
  expect(shardsOf(story.ask(bob))).toEqual([]);
  const [lease] = story.progress.shards[0]?.leases ?? [];
  if (lease) story.answer([{ lease: { id: lease.id, runner: ann, shard: 0 }, says: "x" }]);
  expect(open(story)).toBe(2);
  expect(shardsOf(story.ask(bob))).toEqual([0]);
  expect(shardsOf(story.ask(cid))).toEqual([0]);
  expect(shardsOf(story.ask(dan))).toEqual([]);
});

test("a provider never gets a shard that it holds or has answered", () => {
  const story = new JobStory({ replicas: 2 });
  story.commit(ann, 0, "x");
  expect(shardsOf(story.ask(ann))).toEqual([]);
  expect(shardsOf(story.ask(bob))).toEqual([0]);
  expect(shardsOf(story.ask(bob))).toEqual([]);
});

test("a disagreement opens the shard to a third provider", () => {
  const story = new JobStory({ replicas: 2 });
  story.commit(ann, 0, "x");
  story.commit(bob, 0, "y");
  expect(open(story)).toBe(1);
  expect(shardsOf(story.ask(cid))).toEqual([0]);
});

test("shards that somebody failed on come last", () => {
  const story = new JobStory({ shards: 3 });
  story.tryAndFail(ann, 0);
  expect(shardsOf(story.ask(bob, { leases_max: 1 }))).toEqual([1]);
  expect(shardsOf(story.ask(bob, { leases_max: 1 }))).toEqual([2]);
  expect(shardsOf(story.ask(bob, { leases_max: 1 }))).toEqual([0]);
});

test("a runner waits two seconds before it gets again what it failed on; others get it at once", () => {
  const story = new JobStory();
  story.tryAndFail(ann, 0);
  expect(shardsOf(story.ask(ann))).toEqual([]);
  const ask = (runner: typeof ann): number[] =>
    decideLeases(story.progress, {
      runner,
      leases_max: 1,
      runners: 1,
      now_ms: story.now_ms,
      deadline_ms: story.deadline_ms,
    });
  expect(ask(bob)).toEqual([0]);
  story.pass(1_999);
  expect(ask(ann)).toEqual([]);
  story.pass(1);
  expect(ask(ann)).toEqual([0]);
});

test("a runner that hands a shard back or loses it leaves it to others for two seconds", () => {
  const story = new JobStory();
  story.lease(ann, [0]);
  story.handBack(ann, [0]);
  expect(shardsOf(story.ask(ann))).toEqual([]);
  expect(shardsOf(story.ask(bob))).toEqual([0]);
  story.pass(15_000).expire();
  expect(shardsOf(story.ask(bob))).toEqual([]);
  expect(shardsOf(story.ask(ann))).toEqual([0]);
});

test("a runner that has failed three times on a shard gets it no more", () => {
  const story = new JobStory();
  for (let tries = 0; tries < 3; tries += 1) story.tryAndFail(ann, 0);
  story.pass(60_000);
  expect(shardsOf(story.ask(ann))).toEqual([]);
  expect(shardsOf(story.ask(bob))).toEqual([0]);
});

test("a convicted runner gets nothing", () => {
  const story = new JobStory({ shards: 2, replicas: 2 });
  story.commit(ann, 0, "wrong");
  story.commit(bob, 0, "right");
  story.commit(cid, 0, "right");
  expect(shardsOf(story.ask(ann))).toEqual([]);
});

test("a job that has ended has nothing ready and leases nothing", () => {
  const story = new JobStory({ shards: 3 });
  expect(countReady(story.progress)).toBe(3);
  story.record({ kind: "canceled" });
  expect(countReady(story.progress)).toBe(0);
  expect(shardsOf(story.ask(ann))).toEqual([]);
});
