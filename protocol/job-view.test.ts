import { InfernetError, renderProblem } from "@infernet/schemas/errors";
import { Job, JobSummary } from "@infernet/schemas/job";
import { expect, test } from "vitest";
import { renderJob, renderProgress, summarizeJob } from "./job-view.ts";
import { audited, JobStory, RESULT } from "./testing/job-story.ts";
import { sampleRecord } from "./testing/sample-record.ts";
import { ann, bob, cid, entryOf, ref } from "./testing/sample-runners.ts";

const referee = entryOf(ref, { referee: true });
const start = (): JobStory =>
  new JobStory({ shards: 3, plan: sampleRecord.plan, runners: [ann, bob, cid, referee] });
const render = (story: JobStory): Job => Job.parse(renderJob(sampleRecord, story.progress));

test("a new job is a valid Job object that is queued", () => {
  expect(render(start())).toMatchObject({
    id: sampleRecord.id,
    object: "job",
    state: "queued",
    deadline: "1970-01-01T01:16:40.000Z",
    timestamps: { queued: "1970-01-01T00:16:40.000Z", running: null, succeeded: null },
    providers: [],
    result: null,
    error: null,
    price: { ...sampleRecord.price, settled: null },
    metadata: { batch: "7" },
    verification: { asked: sampleRecord.verification, plan: sampleRecord.plan, recall: null },
  });
});

test("a job's addresses start where its client reached the edge", () => {
  const self = `https://edge.test/jobs/${sampleRecord.id}`;
  expect(render(start()).urls).toEqual({
    self,
    result: `${self}/result`,
    events: `${self}/events`,
    receipt: `${self}/receipt`,
    deliveries: `${self}/deliveries`,
  });
});

test("progress counts shards by what has happened to them", () => {
  const story = start();
  story.commit(ann, 2, "x");
  story.checkAll(() => "x");
  story.commit(ann, 0, "x");
  const [drawn] = story.drawn(0);
  if (drawn) story.check(drawn, "y");
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

test("with an assurance a shard is accepted when its error is within the bound", () => {
  const story = new JobStory({ plan: audited(1, 1e-4), runners: [ann, bob, cid] });
  story.commit(ann, 0, "x");
  const [drawn] = story.drawn();
  if (drawn) story.check(drawn, "x");
  expect(renderProgress(story.progress)).toMatchObject({ shards_committed: 1, shards_accepted: 0 });
});

test("every provider is shown with what it did, and whether it was found wrong", () => {
  const story = start();
  story.commit(ann, 0, "wrong");
  const [auditor] = story.drawn();
  story.checkAll(() => "right");
  story.tryAndFail(cid, 1);
  const shown = new Map(render(story).providers.map((provider) => [provider.id, provider]));
  const nothing = { shards_committed: 0, rows_committed: 0, audits_passed: 0, audits_made: 0 };
  expect(shown.get(ann)).toMatchObject({
    ...nothing,
    shards_committed: 1,
    rows_committed: 10,
    convicted: true,
  });
  expect(shown.get(ref)).toMatchObject({ ...nothing, audits_made: 1, convicted: false });
  if (auditor) expect(shown.get(auditor)).toMatchObject({ audits_made: 1, convicted: false });
  expect(shown.get(cid)).toMatchObject({ shards_failed: 1 });
});

test("what the checks have reached is shown: audits, rows, disputes, error and stealth bound", () => {
  const story = start();
  expect(render(story).verification.reached).toMatchObject({ audits_passed: 0, group_error_max: null });
  for (const shard of [0, 1, 2]) story.commit(ann, shard, "x");
  story.checkAll(() => "x");
  const { reached } = render(story).verification;
  expect(reached).toMatchObject({ audits_passed: 3, rows_audited: 12, disputes: 0 });
  const doubt = 0.3 / (0.7 * Math.E * 103);
  expect(reached.group_error_max).toBeCloseTo(doubt * 0.3, 9);
  expect(reached.stealth_bound).toBeCloseTo(0.3 / (0.7 * Math.E * 12), 9);
});

test("a recalled job says so, and what came of it", () => {
  const story = start();
  for (const shard of [0, 1, 2]) story.commit(ann, shard, "x");
  story
    .checkAll(() => "x")
    .succeed()
    .recall(ann);
  expect(render(story)).toMatchObject({
    state: "succeeded",
    verification: { recall: { state: "checking", shards_revoked: 0, refund_micro: "0" } },
  });
  story.record({ kind: "revoked", shards: [1], result: RESULT, refund_micro: "50" });
  const recall = { state: "revoked", shards_revoked: 1, refund_micro: "50" };
  expect(render(story).verification.recall).toEqual(recall);
});

test("a failed job shows its problem and when it failed", () => {
  const story = start().pass(5_000);
  const error = renderProblem(new InfernetError("shard_failed", "shard 0 failed"), null);
  story.record({ kind: "failed", error });
  const failed = "1970-01-01T00:16:45.000Z";
  expect(render(story)).toMatchObject({ state: "failed", error, timestamps: { failed } });
});

test("a summary tells when a job began and ended, however it ended", () => {
  const story = start();
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
