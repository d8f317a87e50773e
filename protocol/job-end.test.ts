import type { FailureCode } from "@infernet/schemas/runner";
import { expect, test } from "vitest";
import { JobStory } from "./testing/job-story.ts";
import { sampleRunner } from "./testing/sample-ids.ts";
import { ann, bob, cid } from "./testing/sample-runners.ts";

test("a job is complete when every shard is accepted, even at its deadline", () => {
  const story = new JobStory({ shards: 2 });
  story.commit(ann, 0, "x");
  expect(story.end()).toBeNull();
  story.commit(ann, 1, "x");
  expect(story.end()).toEqual({ kind: "complete" });
  expect(story.pass(3_600_000).end()).toEqual({ kind: "complete" });
});

test("a job that has ended does not end again", () => {
  const story = new JobStory();
  story.record({ kind: "canceled" });
  expect(story.pass(3_600_000).end()).toBeNull();
});

const permanent: FailureCode[] = ["model_unloadable", "input_mismatch", "output_mismatch", "engine_error"];
test.each(permanent)("%s on two machines is the job's own fault", (code) => {
  const story = new JobStory({ shards: 2 });
  story.tryAndFail(ann, 1, code);
  expect(story.end()).toBeNull();
  story.tryAndFail(bob, 1, code);
  expect(story.end()).toEqual({
    kind: "failed",
    code: "shard_failed",
    detail: `shard 1 failed 2 times on 2 runner(s), last with ${code}: it broke`,
  });
});

test("two machines with different permanent faults do not speak for each other", () => {
  const story = new JobStory();
  story.tryAndFail(ann, 0, "engine_error");
  story.tryAndFail(bob, 0, "model_unloadable");
  expect(story.end()).toBeNull();
});

const passing: FailureCode[] = ["engine_crashed", "engine_timeout", "out_of_memory", "fetch_failed"];
test.each(passing)("%s is tried on a third machine before the job fails", (code) => {
  const story = new JobStory();
  story.tryAndFail(ann, 0, code);
  story.tryAndFail(bob, 0, code);
  expect(story.end()).toBeNull();
  story.tryAndFail(cid, 0, code);
  expect(story.end()).toMatchObject({ kind: "failed", code: "shard_failed" });
});

test("one machine alone may fail three times on a shard", () => {
  const story = new JobStory();
  for (let tries = 0; tries < 2; tries += 1) story.tryAndFail(ann, 0, "model_unloadable");
  expect(story.end()).toBeNull();
  story.tryAndFail(ann, 0, "model_unloadable");
  expect(story.end()).toMatchObject({
    detail: "shard 0 failed 3 times on 1 runner(s), last with model_unloadable: it broke",
  });
});

test("one machine that keeps failing does not end a job on which another is at work", () => {
  const story = new JobStory({ shards: 2 });
  story.lease(bob, [1]);
  for (let tries = 0; tries < 3; tries += 1) story.tryAndFail(ann, 0);
  expect(story.end()).toBeNull();
});

test("one machine that keeps failing ends a job when no other has been seen for two minutes", () => {
  const story = new JobStory({ shards: 2 });
  story.commit(bob, 1, "x");
  for (let tries = 0; tries < 3; tries += 1) story.tryAndFail(ann, 0);
  expect(story.pass(119_999).end()).toBeNull();
  expect(story.pass(1).end()).toMatchObject({ kind: "failed", code: "shard_failed" });
});

test("of a quorum's providers those that have answered a shard cannot save it", () => {
  const story = new JobStory({ replicas: 2 });
  story.commit(bob, 0, "x");
  for (let tries = 0; tries < 3; tries += 1) story.tryAndFail(ann, 0);
  expect(story.end()).toMatchObject({ kind: "failed", code: "shard_failed" });
});

test("failures on a shard that was accepted after all do not count", () => {
  const story = new JobStory({ shards: 2 });
  story.tryAndFail(ann, 0, "engine_error");
  story.lease(bob, [0]);
  story.commit(cid, 0, "x");
  story.fail(bob, 0, "engine_error");
  expect(story.end()).toBeNull();
});

test("a quorum that finds no agreement among more than twice its size fails", () => {
  const story = new JobStory({ replicas: 2 });
  for (let n = 0; n < 4; n += 1) story.commit(sampleRunner(n), 0, `answer ${n}`);
  expect(story.end()).toBeNull();
  story.commit(sampleRunner(4), 0, "answer 4");
  expect(story.end()).toEqual({
    kind: "failed",
    code: "no_agreement",
    detail: "shard 0 has 5 answers, and 2 were to agree",
  });
});
