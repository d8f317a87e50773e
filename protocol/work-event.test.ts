import { ReputationEvent } from "@infernet/schemas/provider";
import { expect, test } from "vitest";
import { JobStory } from "./testing/job-story.ts";
import { ann, bob, cid, dan } from "./testing/sample-runners.ts";
import { renderWorkEvents } from "./work-event.ts";

test("every provider that did anything gets one event, named after the job", () => {
  const story = new JobStory({ shards: 2, replicas: 2 });
  story.commit(ann, 0, "wrong");
  story.commit(bob, 0, "right");
  const leases = story.lease(cid, [0, 1]);
  story.pass(250).answer(leases.slice(0, 1).map((lease) => ({ lease, says: "right" })));
  story.pass(15_000).expire();
  story.tryAndFail(bob, 1);
  story.lease(dan, [1]);
  const events = renderWorkEvents(story.progress, 5_000_000);
  expect([...events.keys()]).toEqual([ann, bob, cid]);
  const shared = {
    kind: "work",
    id: story.progress.plan.job_id,
    at_ms: 5_000_000,
    shards_completed: 1,
    rows_completed: 10,
    shards_failed: 0,
    shards_expired: 0,
    shards_agreed: 0,
    shards_outvoted: 0,
    latency_ms_total: 0,
    compute_ms_total: 7,
  };
  expect(events.get(ann)).toEqual({ ...shared, shards_outvoted: 1 });
  expect(events.get(bob)).toEqual({ ...shared, shards_agreed: 1, shards_failed: 1 });
  expect(events.get(cid)).toEqual({ ...shared, shards_agreed: 1, shards_expired: 1, latency_ms_total: 250 });
  for (const event of events.values()) expect(ReputationEvent.parse(event)).toEqual(event);
});

test("a job that nobody worked on tells no reputation anything", () => {
  expect(renderWorkEvents(new JobStory().progress, 0).size).toBe(0);
});
