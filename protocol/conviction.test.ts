import { expect, test } from "vitest";
import { validCommitments } from "./job-progress.ts";
import { countReady } from "./lease-rules.ts";
import { JobStory } from "./testing/job-story.ts";
import { ann, bob, cid, dan } from "./testing/sample-runners.ts";

/** Ann is outvoted on shard 0. */
function convictAnn(story: JobStory): JobStory {
  story.commit(ann, 0, "wrong");
  story.commit(bob, 0, "right");
  story.commit(cid, 0, "right");
  return story;
}

test("a conviction takes the convicted's leases on other shards away", () => {
  const story = new JobStory({ shards: 3, replicas: 2 });
  story.lease(ann, [1]);
  story.lease(bob, [2]);
  convictAnn(story);
  expect(story.progress.shards[1]?.leases).toEqual([]);
  expect(story.progress.shards[2]?.leases).toHaveLength(1);
});

test("a conviction voids the convicted's answers to undecided shards, which start over", () => {
  const story = new JobStory({ shards: 2, replicas: 2 });
  story.commit(ann, 1, "x");
  convictAnn(story);
  const [, shard] = story.progress.shards;
  expect(shard && validCommitments(story.progress, shard)).toEqual([]);
  expect(countReady(story.progress)).toBe(1);
  story.commit(bob, 1, "right");
  story.commit(cid, 1, "right");
  expect(story.progress.shards[1]).toMatchObject({ accepted: bob, disputed: false });
  expect(story.progress.providers.get(ann)?.shards_outvoted).toBe(1);
});

test("a shard that the convicted had agreed on stays decided", () => {
  const story = new JobStory({ shards: 2, replicas: 2 });
  story.commit(ann, 1, "x");
  story.commit(dan, 1, "x");
  convictAnn(story);
  expect(story.progress.shards[1]?.accepted).toBe(ann);
});

test("when the first answer is void, the next one takes its place and clears those computed beside it", () => {
  const story = new JobStory({ shards: 2, replicas: 3 });
  story.commit(ann, 1, "x");
  const [beside] = story.lease(dan, [1]);
  const [next] = story.lease(bob, [1]);
  if (!beside || !next) throw new Error("both hold a lease");
  story.commit(ann, 0, "wrong");
  for (const runner of [bob, cid, dan]) story.commit(runner, 0, "right");
  story.answer([{ lease: next, says: "right" }]);
  expect(story.progress.shards[1]?.leases).toEqual([]);
  expect(story.answer([{ lease: beside, says: "right" }])[0]).toMatchObject({ kind: "late" });
});

test("failures that the convicted reported no longer speak against the job", () => {
  const story = new JobStory({ shards: 2, replicas: 2 });
  story.tryAndFail(ann, 1, "model_unloadable");
  convictAnn(story);
  story.tryAndFail(bob, 1, "model_unloadable");
  expect(story.end()).toBeNull();
});
