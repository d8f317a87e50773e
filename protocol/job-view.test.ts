import { InfernetError, renderProblem } from "@infernet/schemas/errors";
import { Job, JobSummary } from "@infernet/schemas/job";
import { expect, test } from "vitest";
import { renderJob, renderProgress, summarizeJob } from "./job-view.ts";
import { JobStory } from "./testing/job-story.ts";
import { sampleRecord } from "./testing/sample-record.ts";
import { ann, bob, cid } from "./testing/sample-runners.ts";

const render = (story: JobStory): Job => renderJob(sampleRecord, story.progress);

test("a new job is a valid Job object that is queued", () => {
  const job = render(new JobStory({ shards: 3, replicas: 2 }));
  expect(Job.parse(job)).toEqual(job);
  expect(job).toMatchObject({
    id: sampleRecord.id,
    object: "job",
    state: "queued",
    deadline: "1970-01-01T01:16:40.000Z",
    timestamps: { queued: "1970-01-01T00:16:40.000Z", running: null, succeeded: null },
    providers: [],
    result: null,
    error: null,
    price: { quoted_micro: sampleRecord.quoted_micro },
    metadata: { batch: "7" },
  });
});

test("a job's addresses start where its client reached the edge", () => {
  const self = `https://edge.test/jobs/${sampleRecord.id}`;
  expect(render(new JobStory({ shards: 3 })).urls).toEqual({
    self,
    result: `${self}/result`,
    events: `${self}/events`,
    deliveries: `${self}/deliveries`,
  });
});

test("progress counts shards by what has happened to them", () => {
  const story = new JobStory({ shards: 3, replicas: 2 });
  story.commit(ann, 2, "x");
  story.commit(bob, 2, "x");
  story.commit(ann, 0, "x");
  story.commit(bob, 0, "y");
  story.lease(ann, [1]);
  expect(renderProgress(story.progress)).toEqual({
    shards: 3,
    shards_leased: 1,
    shards_committed: 2,
    shards_accepted: 1,
    shards_disputed: 1,
    rows_accepted: 5,
  });
});

test("every provider is shown with what it did, the loser of a quorum as convicted", () => {
  const story = new JobStory({ shards: 3, replicas: 2 });
  story.commit(ann, 0, "wrong");
  story.commit(bob, 0, "right");
  story.commit(cid, 0, "right");
  story.tryAndFail(cid, 1);
  const shared = {
    shards_committed: 1,
    rows_committed: 10,
    shards_agreed: 1,
    shards_outvoted: 0,
    shards_failed: 0,
  };
  expect(render(story).providers).toEqual([
    { ...shared, id: ann, shards_agreed: 0, shards_outvoted: 1, convicted: true },
    { ...shared, id: bob, convicted: false },
    { ...shared, id: cid, shards_failed: 1, convicted: false },
  ]);
});

test("a failed job shows its problem and when it failed", () => {
  const story = new JobStory({ shards: 3 }).pass(5_000);
  const error = renderProblem(new InfernetError("shard_failed", "shard 0 failed"), null);
  story.record({ kind: "failed", error });
  const job = render(story);
  expect(Job.parse(job)).toEqual(job);
  expect(job).toMatchObject({ state: "failed", error, timestamps: { failed: "1970-01-01T00:16:45.000Z" } });
});

test("a summary tells when a job began and ended, however it ended", () => {
  const story = new JobStory({ shards: 3 });
  expect(summarizeJob(render(story))).toMatchObject({ state: "queued", finished_at: null });
  story.pass(5_000).record({ kind: "canceled" });
  const summary = summarizeJob(render(story));
  expect(JobSummary.parse(summary)).toEqual(summary);
  expect(summary).toMatchObject({
    state: "canceled",
    created_at: "1970-01-01T00:16:40.000Z",
    finished_at: "1970-01-01T00:16:45.000Z",
  });
});
