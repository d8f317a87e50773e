import { expect, test } from "vitest";
import { listSlow } from "./lease-rules.ts";
import { JobStory } from "./testing/job-story.ts";
import { ann, bob, cid, dan } from "./testing/sample-runners.ts";

const slow = (story: JobStory): number[] => listSlow(story.progress, story.now_ms, story.deadline_ms);
const shardsOf = (leases: { shard: number }[]): number[] => leases.map((lease) => lease.shard);

/** A job in which a shard typically takes a second: the first is done, ann holds the others. */
function startTypical(held = [1, 2]): JobStory {
  const story = new JobStory({ shards: 1 + held.length });
  const [lease] = story.lease(bob, [0]);
  story.pass(1_000);
  if (lease) story.answer([{ lease, says: "x" }]);
  story.lease(ann, held);
  return story;
}

test("a shard out for more than three typical latencies is leased a second time", () => {
  const story = startTypical();
  story.pass(3_000);
  expect(slow(story)).toEqual([]);
  expect(shardsOf(story.ask(bob))).toEqual([]);
  story.pass(1);
  expect(slow(story)).toEqual([1, 2]);
  expect(shardsOf(story.ask(bob, { runners: 2 }))).toEqual([1]);
  expect(slow(story)).toEqual([2]);
});

test("before a job's first answer a whole lease time passes before a hedge", () => {
  const story = new JobStory({ lease_ms: 60_000 });
  story.lease(ann, [0]);
  expect(slow(story.pass(15_000))).toEqual([]);
  expect(slow(story.pass(1))).toEqual([0]);
});

test("quick shards are not hedged within two seconds", () => {
  const story = new JobStory({ shards: 2 });
  story.commit(bob, 0, "x");
  story.lease(ann, [1]);
  expect(slow(story.pass(2_000))).toEqual([]);
  expect(slow(story.pass(1))).toEqual([1]);
});

test("near the deadline everything that is out is hedged, once", () => {
  const story = new JobStory({ deadline_ms: 20_000 });
  story.lease(ann, [0]);
  expect(slow(story.pass(10_000))).toEqual([]);
  expect(slow(story.pass(1))).toEqual([0]);
  story.ask(bob);
  expect(slow(story)).toEqual([]);
});

test("nobody hedges its own shard", () => {
  const story = startTypical();
  expect(shardsOf(story.pass(10_000).ask(ann))).toEqual([]);
});

test("an idle runner hedges only when it can take nothing that is ready", () => {
  const story = startTypical();
  story.pass(10_000).handBack(ann, [2]);
  expect(shardsOf(story.ask(bob))).toEqual([2]);
  expect(shardsOf(story.ask(bob))).toEqual([1]);
});

test("hedges that are slow too are hedged in turn, each time later", () => {
  const story = startTypical([1]);
  expect(shardsOf(story.pass(3_001).ask(bob))).toEqual([1]);
  expect(shardsOf(story.pass(6_000).ask(cid))).toEqual([]);
  expect(shardsOf(story.pass(1).ask(cid))).toEqual([1]);
  expect(shardsOf(story.pass(9_000).ask(dan))).toEqual([]);
  expect(shardsOf(story.pass(1).ask(dan))).toEqual([1]);
});

test("the first of a shard and its hedge to answer wins, and the other is late", () => {
  const story = startTypical();
  const [held] = story.shard(1).leases;
  const [hedge] = story.pass(10_000).ask(bob);
  if (!held || !hedge) throw new Error("both hold a lease");
  expect(story.answer([{ lease: hedge, says: "x" }])).toMatchObject([{ kind: "wanted" }]);
  expect(story.shard(1)).toMatchObject({ answer: { runner: bob }, leases: [] });
  const late = { ...hedge, id: held.id, runner: ann };
  expect(story.answer([{ lease: late, says: "x" }])).toMatchObject([{ kind: "late" }]);
});

test("a job that has ended has no slow shards", () => {
  const story = startTypical().pass(10_000);
  story.record({ kind: "canceled" });
  expect(slow(story)).toEqual([]);
});
