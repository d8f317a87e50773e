import { expect, test } from "vitest";
import { audited, JobStory } from "./testing/job-story.ts";
import { ann, bob } from "./testing/sample-runners.ts";

const expired = (detail: string) => ({ kind: "expired", code: "deadline_exceeded", detail });

test("a job expires at its deadline and not before", () => {
  const story = new JobStory({ deadline_ms: 60_000 });
  expect(story.pass(59_999).end()).toBeNull();
  expect(story.pass(1).end()).toMatchObject({ kind: "expired" });
});

test("the expiry of a job that nobody took says so", () => {
  const story = new JobStory({ shards: 3 }).pass(3_600_000);
  const counts = "0 of 3 shards were accepted and 0 had an answer at the deadline";
  expect(story.end()).toEqual(expired(`${counts}; no runner took any: none that fits was free`));
});

test("the expiry of a job in progress counts its shards", () => {
  const story = new JobStory({ shards: 3 });
  story.commit(ann, 0, "x");
  const counts = "1 of 3 shards were accepted and 1 had an answer at the deadline";
  expect(story.pass(3_600_000).end()).toEqual(expired(counts));
});

test("the expiry of a job that lacked auditors names what it needs", () => {
  const story = new JobStory({ plan: audited() });
  story.commit(ann, 0, "x");
  const counts = "0 of 1 shards were accepted and 1 had an answer at the deadline";
  const need = "an answer needs 1 other provider(s) that agree, no two of one owner or network";
  expect(story.pass(3_600_000).end()).toEqual(expired(`${counts}; ${need}`));
});

test("the expiry of a job whose promise could not be kept names it", () => {
  const story = new JobStory({ plan: audited(1, 1e-9), runners: [ann, bob] });
  story.commit(ann, 0, "x");
  story.checkAll(() => "x");
  const counts = "0 of 1 shards were accepted and 1 had an answer at the deadline";
  const need =
    "an answer needs 1 other provider(s) that agree and a group error of at most 1e-9, no two of one owner or network";
  expect(story.pass(3_600_000).end()).toEqual(expired(`${counts}; ${need}`));
});

test("the expiry of a job that failed somewhere tells the last failure", () => {
  const story = new JobStory({ shards: 2 });
  story.tryAndFail(ann, 1, "out_of_memory");
  story.lease(bob, [0]);
  story.pass(1).fail(bob, 0, "fetch_failed", "no answer from the blob store");
  const counts = "0 of 2 shards were accepted and 0 had an answer at the deadline";
  const failure = "the last failure was fetch_failed: no answer from the blob store";
  expect(story.pass(3_600_000).end()).toEqual(expired(`${counts}; ${failure}`));
});
