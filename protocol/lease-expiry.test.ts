import { expect, test } from "vitest";
import { decideExpiries } from "./lease-expiry.ts";
import { audited, JobStory } from "./testing/job-story.ts";
import { ann, bob, cid } from "./testing/sample-runners.ts";

test("a lease ends at its time and its shard is open again", () => {
  const story = new JobStory();
  story.ask(ann);
  expect(story.pass(14_999).expire()).toEqual([]);
  expect(story.pass(1).expire()).toHaveLength(1);
  expect(story.shard().leases).toEqual([]);
  expect(story.ask(bob)).toMatchObject([{ shard: 0 }]);
});

test("the expired leases of one runner are one fact", () => {
  const story = new JobStory({ shards: 4 });
  story.lease(ann, [0, 2]);
  story.lease(bob, [1]);
  story.pass(10_000).lease(cid, [3]);
  const returned = { kind: "returned", reason: "expired", code: null, detail: null };
  expect(story.pass(5_000).expire()).toEqual([
    { ...returned, runner: ann, shards: [0, 2] },
    { ...returned, runner: bob, shards: [1] },
  ]);
});

test("a renewed lease lasts as long as it was renewed for", () => {
  const story = new JobStory();
  const [lease] = story.ask(ann);
  if (lease) story.pass(10_000).renew(lease);
  expect(story.pass(14_999).expire()).toEqual([]);
  expect(story.pass(1).expire()).toHaveLength(1);
});

test("a check whose lease ends is drawn anew, for somebody else where there is anybody", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, cid] });
  story.commit(ann, 0, "x");
  const [first] = story.drawn();
  if (first) story.ask(first);
  story.pass(15_000).expire();
  expect(story.shard().checks).toMatchObject([{ runner: first, state: "skipped" }]);
  story.draw();
  expect(story.drawn()).toEqual([first === bob ? cid : bob]);
});

test("a job that has ended expires no leases, but one that is recalled does", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, cid] });
  story.commit(ann, 0, "x");
  story.checkAll(() => "x").succeed();
  const later = (lease: { expires_ms: number }): number => lease.expires_ms;
  expect(decideExpiries(story.progress, story.now_ms + 60_000, later)).toEqual([]);
  story.recall(ann).draw();
  const [drawn] = story.drawn();
  if (drawn) story.ask(drawn);
  expect(story.pass(15_000).expire()).toMatchObject([{ runner: drawn, reason: "expired" }]);
});
