import { InfernetError, renderProblem } from "@infernet/schemas/errors";
import { JobEvent } from "@infernet/schemas/job-event";
import { expect, test } from "vitest";
import { renderEvent, renderQueuedEvent } from "./job-events.ts";
import { audited, JobStory, RESULT } from "./testing/job-story.ts";
import { ann, bob, cid, entryOf, ref } from "./testing/sample-runners.ts";

const referee = entryOf(ref, { referee: true });

function lastEvent(story: JobStory): JobEvent {
  const last = story.facts.at(-1);
  if (last === undefined) throw new Error("nothing has happened");
  return JobEvent.parse(renderEvent(story.progress, last.fact, last.at_ms));
}

test("a job's stream opens with event 0: it is queued", () => {
  const { progress } = new JobStory({ shards: 3 });
  expect(JobEvent.parse(renderQueuedEvent(progress))).toMatchObject({
    seq: 0,
    type: "job.queued",
    state: "queued",
    at: "1970-01-01T00:16:40.000Z",
    progress: { shards: 3, shards_leased: 0 },
  });
});

test("a grant is told with its runner, its shards and the progress after it", () => {
  const story = new JobStory({ shards: 3 }).pass(1_000);
  story.lease(ann, [0, 2]);
  expect(lastEvent(story)).toMatchObject({
    seq: 1,
    at: "1970-01-01T00:16:41.000Z",
    type: "shards.leased",
    state: "running",
    runner: ann,
    shards: [0, 2],
    progress: { shards_leased: 2 },
  });
});

test("a commitment is told with the verdict that it made possible", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, referee] });
  story.commit(ann, 0, "wrong");
  expect(lastEvent(story)).toMatchObject({ type: "shards.committed", runner: ann, verdicts: [] });
  story.check(bob, "right");
  expect(lastEvent(story)).toMatchObject({ runner: bob, shards: [0], progress: { shards_disputed: 1 } });
  story.draw();
  expect(lastEvent(story)).toMatchObject({ type: "shards.drawn", runner: null, shards: [0] });
  story.check(ref, "right");
  const verdict = {
    shard: 0,
    answer: { runner: ann, ruling: "convicted" },
    check: { runner: bob, ruling: "stands" },
    referees: [ref],
  };
  expect(lastEvent(story)).toMatchObject({ runner: ref, shards: [0], verdicts: [verdict] });
});

test("a return is told with its reason", () => {
  const story = new JobStory();
  story.tryAndFail(ann, 0);
  expect(lastEvent(story)).toMatchObject({
    type: "shards.returned",
    runner: ann,
    shards: [0],
    reason: "failed",
  });
  story.lease(bob, [0]);
  story.handBack(bob, [0]);
  expect(lastEvent(story)).toMatchObject({ runner: bob, reason: "handed_back" });
  story.lease(bob, [0]);
  story.pass(15_000).expire();
  expect(lastEvent(story)).toMatchObject({ runner: bob, reason: "expired" });
});

const error = renderProblem(new InfernetError("deadline_exceeded", "the time is over"), null);
const ends = [{ kind: "failed", error }, { kind: "expired", error }, { kind: "canceled" }] as const;
test.each(ends)("the end $kind is the last event, without runner or shards", (fact) => {
  const story = new JobStory();
  story.record(fact);
  expect(lastEvent(story)).toMatchObject({
    type: `job.${fact.kind}`,
    state: fact.kind,
    runner: null,
    shards: [],
  });
});

test("a recall is told with whom it is about, and with how it ended", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, cid] });
  story.commit(ann, 0, "x");
  story.checkAll(() => "x").succeed();
  expect(lastEvent(story)).toMatchObject({ type: "job.succeeded" });
  story.recall(ann);
  expect(lastEvent(story)).toMatchObject({ type: "job.recalled", state: "succeeded", runner: ann });
  story.record({ kind: "revoked", shards: [0], result: RESULT, refund_micro: "9" });
  expect(lastEvent(story)).toMatchObject({ type: "result.revoked", shards: [0] });
  story.recall(bob).record({ kind: "upheld" });
  expect(lastEvent(story)).toMatchObject({ type: "job.upheld" });
});
