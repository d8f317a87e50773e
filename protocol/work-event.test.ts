import { ReputationEvent } from "@infernet/schemas/provider";
import { expect, test } from "vitest";
import { holdUntil } from "./holds.ts";
import { audited, JobStory } from "./testing/job-story.ts";
import { ann, bob, cid, dan, entryOf, ref } from "./testing/sample-runners.ts";
import { sampleTerms } from "./testing/sample-terms.ts";
import { renderConvictions, renderWorkEvents } from "./work-event.ts";

const DAY_MS = 24 * 3_600_000;

test("every provider that did anything gets one event, named after the job, with its pay held for a day", () => {
  const story = new JobStory({ shards: 2, plan: audited(), runners: [ann, bob] });
  const leases = story.lease(ann, [0, 1]);
  story.pass(250).answer(leases.slice(0, 1).map((lease) => ({ lease, says: "x" })));
  story.checkAll(() => "x");
  story.pass(15_000).expire();
  story.tryAndFail(cid, 1);
  story.lease(dan, [1]);
  story.record({ kind: "canceled" });
  // A fee of 1 %, rounded down: 140 are left.
  const events = renderWorkEvents(story.progress, sampleTerms(141n), 5_000_000);
  expect([...events.keys()]).toEqual([ann, bob, cid]);
  const shared = {
    kind: "work",
    id: story.progress.plan.job_id,
    at_ms: 5_000_000,
    held_until_ms: holdUntil(story.now_ms, DAY_MS),
  };
  const done = { shards_completed: 1, rows_completed: 10, audits_passed: 1, rows_audited: 4 };
  expect(events.get(ann)).toMatchObject({
    ...shared,
    tally: { ...done, shards_expired: 1, compute_ms_total: 7, earned_micro: "100" },
  });
  expect(events.get(bob)).toMatchObject({ ...shared, tally: { audits_made: 1, earned_micro: "40" } });
  expect(events.get(cid)).toMatchObject({ ...shared, tally: { shards_failed: 1, earned_micro: "0" } });
  for (const event of events.values()) expect(ReputationEvent.parse(event)).toEqual(event);
});

test("a job that nobody worked on tells no reputation anything", () => {
  expect(renderWorkEvents(new JobStory().progress, sampleTerms(0n), 0).size).toBe(0);
});

test("a conviction is told once for each provider, with what it did wrong and where", () => {
  const story = new JobStory({
    shards: 2,
    plan: audited(),
    runners: [ann, bob, entryOf(ref, { referee: true })],
  });
  story.commit(ann, 1, "wrong");
  story.checkAll(() => "right");
  story.setRunners([bob, cid, entryOf(ref, { referee: true })]);
  story.commit(bob, 0, "right");
  story.checkAll((runner) => (runner === cid ? "framed" : "right"));
  const { job_id } = story.progress.plan;
  const told = { kind: "convicted", id: job_id, at_ms: 9, job_id };
  expect(renderConvictions(story.progress, 9)).toEqual(
    new Map([
      [cid, { ...told, shard: 0, as: "check", partial: false }],
      [ann, { ...told, shard: 1, as: "answer", partial: false }],
    ]),
  );
});
