import { expect, test } from "vitest";
import { countReady } from "./lease-rules.ts";
import { audited, JobStory, type StoryOptions } from "./testing/job-story.ts";
import { ann, bob, cid, dan, entryOf, ref } from "./testing/sample-runners.ts";

const referee = entryOf(ref, { referee: true });
const start = (options: StoryOptions = {}): JobStory =>
  new JobStory({ shards: 3, plan: audited(), runners: [ann, bob, cid, referee], ...options });

/** Ann is found wrong about the last shard. */
function convictAnn(story: JobStory): JobStory {
  const last = story.progress.plan.shards - 1;
  story.commit(ann, last, "wrong");
  return story.checkAll((_, { shard }) => (shard === last ? "right" : "x"));
}

test("a conviction takes the convicted's leases away, and nobody else's", () => {
  const story = start();
  story.lease(ann, [0]);
  story.lease(bob, [1]);
  convictAnn(story);
  expect(story.shard(0).leases).toEqual([]);
  expect(story.shard(1).leases).toHaveLength(1);
});

test("the convicted's answers go back to the queue, also those that others agreed with", () => {
  const story = start();
  story.commit(ann, 0, "x");
  story.checkAll(() => "x");
  expect(countReady(story.progress)).toBe(2);
  convictAnn(story);
  expect(countReady(story.progress)).toBe(3);
  expect(story.shard(0)).toMatchObject({
    answer: null,
    past: [{ why: "convicted", answer: { runner: ann } }],
  });
});

test("a shard of the convicted is computed and checked anew by others", () => {
  const story = convictAnn(start());
  for (const shard of [0, 1, 2]) story.commit(bob, shard, "right");
  story.checkAll(() => "right");
  expect(story.end()).toEqual({ kind: "complete" });
  expect([0, 1, 2].map((shard) => story.stands(shard))).toEqual(["right", "right", "right"]);
});

test("the convicted's audits of others say nothing any more, and others are drawn in their place", () => {
  const story = start({ runners: [ann, bob] });
  story.commit(bob, 0, "x");
  story.check(ann, "x");
  expect(story.progress.providers.get(bob)?.audits_passed).toBe(1);
  story.setRunners([ann, bob, cid, referee]);
  convictAnn(story);
  expect(story.shard(0).checks).toMatchObject([
    { runner: ann, outcome: "void" },
    { runner: cid, outcome: "passed" },
  ]);
  expect(story.progress.providers.get(bob)?.audits_passed).toBe(1);
});

test("credit by the convicted is taken back even where the answer itself has fallen since", () => {
  const story = start({ plan: audited(2), runners: [ann, bob, cid, referee] });
  story.commit(bob, 0, "x");
  story.check(ann, "x");
  story.check(cid, "x+2");
  story.draw();
  story.check(ref, "x+2");
  expect(story.shard(0).past).toMatchObject([{ why: "set_aside", answer: { runner: bob } }]);
  expect(story.progress.providers.get(bob)).toMatchObject({ audits_passed: 1, rows_audited: 4 });
  convictAnn(story);
  expect(story.progress.providers.get(bob)).toMatchObject({ audits_passed: 0, rows_audited: 0 });
});

test("a wrong check convicts its maker, whose own answers go back to the queue", () => {
  const story = start({ runners: [ann, bob, referee] });
  story.commit(bob, 0, "x");
  story.commit(ann, 1, "x");
  story.checkAll((runner) => (runner === bob ? "framed" : "x"));
  expect([...story.progress.convicted]).toEqual([bob]);
  expect(story.shard(0).past).toMatchObject([{ why: "convicted", answer: { runner: bob } }]);
  expect(story.shard(1)).toMatchObject({ answer: { runner: ann }, checks: [{ outcome: "failed" }, {}] });
});

test("disputes that the convicted began are over with their maker", () => {
  const story = start({ shards: 3, runners: [ann, bob] });
  story.commit(bob, 0, "x");
  story.commit(bob, 1, "x");
  story.check(ann, "framed");
  story.setRunners([ann, bob, dan, referee]).draw();
  expect(story.awaited(0)).toMatchObject([{ role: "referee", of: ann }]);
  expect(story.awaited(1)).toMatchObject([{ role: "referee", of: ann }]);
  const [first] = story.ask(ref, { leases_max: 1 });
  if (first) story.answer([{ lease: first, says: "x" }]);
  expect([...story.progress.convicted]).toEqual([ann]);
  expect(story.awaited(1)).toEqual([]);
  story.draw();
  expect([0, 1].map((shard) => story.drawn(shard))).toEqual([[dan], [dan]]);
});

test("failures that the convicted reported no longer speak against the job", () => {
  const story = start();
  story.tryAndFail(ann, 0, "model_unloadable");
  convictAnn(story);
  story.tryAndFail(bob, 0, "model_unloadable");
  expect(story.end()).toBeNull();
});

test("nobody is convicted twice, nor of what was said before the verdict on it", () => {
  const story = convictAnn(start());
  const { convicted } = story.progress;
  story.commit(bob, 2, "right");
  story.checkAll(() => "right");
  expect(story.progress.convicted).toEqual(convicted);
});
