import type { FailureCode } from "@infernet/schemas/runner";
import { expect, test } from "vitest";
import { audited, JobStory } from "./testing/job-story.ts";
import { sampleRunner } from "./testing/sample-ids.ts";
import { ann, bob, cid, dan, entryOf, eve } from "./testing/sample-runners.ts";

const failed = { kind: "failed", code: "shard_failed" };

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

const permanent: FailureCode[] = [
  "model_unloadable",
  "input_mismatch",
  "output_mismatch",
  "engine_error",
  "fuel_exhausted",
  "sandbox_violation",
];
test.each(permanent)("%s on the only two machines there are is the job's own fault", (code) => {
  const story = new JobStory({ shards: 2 });
  story.tryAndFail(ann, 1, code);
  expect(story.end()).toBeNull();
  story.tryAndFail(bob, 1, code);
  expect(story.end()).toEqual({
    ...failed,
    detail: `shard 1 failed 2 times on 2 runner(s), last with ${code}: it broke`,
  });
});

test("two machines alone end no job while another one is at work on it", () => {
  const story = new JobStory({ shards: 9 });
  story.lease(cid, [5]);
  story.tryAndFail(ann, 1, "engine_error");
  story.tryAndFail(bob, 1, "engine_error");
  expect(story.end()).toBeNull();
  story.pass(119_999);
  expect(story.end()).toBeNull();
  story.handBack(cid, [5]);
  expect(story.pass(1).end()).toMatchObject(failed);
});

test("eight independent machines end a job, and seven do not", () => {
  const story = new JobStory({ shards: 9 });
  story.lease(ann, [5]);
  for (let n = 1; n <= 7; n += 1) story.tryAndFail(sampleRunner(100 + n), 1, "engine_crashed");
  expect(story.end()).toBeNull();
  story.tryAndFail(sampleRunner(108), 1, "engine_crashed");
  expect(story.end()).toMatchObject(failed);
});

test("machines of one group count as one, however many report the fault", () => {
  const sybils = Array.from({ length: 12 }, (_, n) => entryOf(sampleRunner(100 + n), { groups: ["owner"] }));
  const story = new JobStory({ shards: 9, plan: audited(), runners: [ann, bob, ...sybils] });
  story.commit(ann, 0, "x");
  for (const { id } of sybils) story.tryAndFail(id, 1, "engine_error");
  expect(story.end()).toBeNull();
});

test("a refused output says nothing about the job", () => {
  const story = new JobStory({ shards: 2 });
  for (let n = 0; n < 9; n += 1) story.tryAndFail(sampleRunner(100 + n), 1, "output_refused");
  expect(story.end()).toBeNull();
});

test("a model that nothing can be computed with fails its job before every shard was tried twice", () => {
  const story = new JobStory({ shards: 100 });
  story.tryAndFail(ann, 1, "model_unloadable");
  story.tryAndFail(bob, 2, "model_unloadable");
  expect(story.end()).toEqual({
    ...failed,
    detail: "every shard that was tried failed 2 times on 2 runner(s), last with model_unloadable: it broke",
  });
});

test("two machines with different permanent faults do not speak for each other", () => {
  const story = new JobStory();
  story.tryAndFail(ann, 0, "engine_error");
  story.tryAndFail(bob, 0, "model_unloadable");
  expect(story.end()).toBeNull();
});

const passing: FailureCode[] = ["engine_crashed", "engine_timeout", "out_of_memory", "fetch_failed"];
test.each(passing)("%s is tried again by all three machines until one has failed three times", (code) => {
  const story = new JobStory();
  for (const runner of [ann, bob, cid]) story.tryAndFail(runner, 0, code);
  expect(story.end()).toBeNull();
  for (const runner of [ann, bob, cid]) for (let n = 0; n < 2; n += 1) story.tryAndFail(runner, 0, code);
  expect(story.end()).toMatchObject(failed);
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
  expect(story.pass(1).end()).toMatchObject(failed);
});

test("failures on a shard that was answered after all do not count", () => {
  const story = new JobStory({ shards: 2 });
  story.tryAndFail(ann, 0, "engine_error");
  story.lease(bob, [0]);
  story.commit(cid, 0, "x");
  story.fail(bob, 0, "engine_error");
  expect(story.end()).toBeNull();
});

test("failures of checks say nothing about a shard that has an answer", () => {
  const story = new JobStory({ shards: 1, plan: audited(), runners: [ann, bob, cid, dan, eve] });
  story.commit(ann, 0, "x");
  for (let n = 0; n < 4; n += 1) {
    const [drawn] = story.drawn();
    if (drawn === undefined) throw new Error("somebody is drawn");
    story.ask(drawn);
    story.fail(drawn, 0, "engine_error");
    story.pass(2_000).draw();
  }
  expect(story.end()).toBeNull();
});

test("who fails on a check three times is drawn for it no more, and the job says what it lacked", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob] });
  story.commit(ann, 0, "x");
  for (let n = 0; n < 3; n += 1) {
    story.pass(2_000).ask(bob);
    story.fail(bob, 0, "engine_crashed");
    story.draw();
  }
  expect(story.drawn()).toEqual([]);
  expect(story.draw()).toBeNull();
  expect(story.end()).toBeNull();
  expect(story.pass(3_600_000).end()).toMatchObject({ kind: "expired" });
});

test("three disagreements on one shard that nobody could decide end the job, and convict nobody", () => {
  const story = new JobStory({ plan: audited() });
  for (let n = 0; n < 3; n += 1) {
    const maker = sampleRunner(100 + n);
    const auditor = sampleRunner(200 + n);
    expect(story.end()).toBeNull();
    story.setRunners([maker, auditor]).commit(maker, 0, `answer ${n}`);
    story.check(auditor, `check ${n}`);
    // One says the one, the other the other: nobody leads, and nobody else is there.
    story.setRunners([maker, auditor, dan, eve]).draw();
    story.check(dan, `answer ${n}`);
    story.check(eve, `check ${n}`);
    story.draw();
    expect(story.shard().unresolved).toBe(n + 1);
  }
  expect(story.progress.convicted.size).toBe(0);
  expect(story.end()).toEqual({
    kind: "failed",
    code: "no_agreement",
    detail: "shard 0 was computed 3 times, and nobody could tell which answer is right",
  });
});
