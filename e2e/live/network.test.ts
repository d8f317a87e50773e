import { Job } from "@infernet/schemas/job";
import { TensorJson } from "@infernet/schemas/tensor";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createRowEatingModel, createUnloadableModel } from "../fixtures/broken-models.ts";
import {
  GLYPH_BYTES,
  glyphImages,
  glyphLabels,
  glyphsModel,
  imageShape,
  readGlyphs,
} from "../fixtures/glyphs-model.ts";
import { collectEvents } from "../network/follow-job.ts";
import type { RunnerProcess } from "../network/runner-process.ts";
import { uploadModel } from "../network/upload-model.ts";
import { isFrom } from "../network/webhook-receiver.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const IMAGES = 400;
const images = glyphImages().slice(0, IMAGES * GLYPH_BYTES);
const labels = glyphLabels().slice(0, IMAGES);
// Several dispatchers, so that runners and offers meet across them as they do in a large network.
const live = useEdge({ DISPATCH_BUCKETS: "3" });
let runners: RunnerProcess[];

beforeAll(async () => {
  await Promise.all([uploadTinyModel(live.client), uploadModel(live.client, glyphsModel())]);
  runners = await Promise.all(["ada", "grace"].map((name) => live.addRunner(name)));
});

const glyphsJob = async () => ({
  model: "glyphs",
  input: {
    tensors: [
      {
        name: "images",
        datatype: "UINT8" as const,
        shape: imageShape(images),
        blob: await live.client.putBlob(images),
      },
    ],
  },
});

test("images go in by one HTTP call and come out read, and a signed webhook says so", async () => {
  const job = await live.client.createJob({
    ...(await glyphsJob()),
    shard_rows: 50,
    webhook: { url: live.receiver.url },
  });
  expect(job).toMatchObject({ rows: IMAGES, progress: { shards: 8 } });

  const webhook = await live.receiver.waitFor(({ event }) => event.data.job_id === job.id);
  expect(webhook.event).toMatchObject({ type: "job.succeeded", data: { state: "succeeded" } });
  expect(isFrom(webhook, await live.client.webhookKey())).toBe(true);

  const done = await live.client.getJob(job.id);
  expect(done.state).toBe("succeeded");
  expect(done.providers.map(({ id }) => id).sort()).toEqual(runners.map(({ id }) => id).sort());
  expect(done.providers.reduce((sum, { rows_committed }) => sum + rows_committed, 0)).toBe(IMAGES);
  expect(done.verification.reached).toMatchObject({ audits_passed: 8, rows_audited: 40, disputes: 0 });
  expect(webhook.event.data.result_sha256).toBe(done.result?.sha256);

  const [logits] = await live.client.getResult(job.id);
  const read = logits ? readGlyphs(logits) : [];
  const right = read.filter((label, row) => label === labels[row]).length;
  expect(right / IMAGES).toBeGreaterThan(0.97);
});

test("a small job is answered in the request itself, with its result a click away", async () => {
  const { status, headers, body } = await live.client.send("POST", "/jobs", tinyJob(2), {
    Prefer: "wait=30",
  });
  expect(status).toBe(200);
  expect(headers.get("Preference-Applied")).toBe("wait=30");
  const job = Job.parse(body);
  expect(job.state).toBe("succeeded");
  const result = await live.client.send("GET", new URL(job.urls.result).pathname);
  const { outputs } = z.object({ outputs: z.array(TensorJson) }).parse(result.body);
  expect(outputs).toMatchObject([{ name: "y", datatype: "FP32", shape: [2, 3] }]);
});

test("an event stream that broke off resumes after the last event seen", async () => {
  const job = await live.client.createJob(tinyJob(40, { shard_rows: 10 }));
  const all = await collectEvents(live.client, job.id);
  const seen = all.findIndex(({ type }) => type === "shards.committed");
  const rest = [];
  for await (const event of live.client.streamEvents(job.id, all[seen]?.seq)) rest.push(event);
  expect(rest).toEqual(all.slice(seen + 1));
});

test.each([
  ["cannot be loaded", createUnloadableModel(), 4],
  ["answers with another number of rows", createRowEatingModel(), 4],
])("a model that %s fails the job with the runner's reason", async (_what, model, columns) => {
  await uploadModel(live.client, model);
  const job = await live.client.createJob({
    model: model.name,
    input: {
      tensors: [{ name: "x", datatype: "FP32", shape: [3, columns], data: Array(3 * columns).fill(1) }],
    },
    verification: { mode: "none" },
  });
  const events = await collectEvents(live.client, job.id);
  expect(events.at(-1)?.type).toBe("job.failed");
  const failed = await live.client.getJob(job.id);
  expect(failed.error).toMatchObject({ code: "shard_failed" });
  expect(failed.error?.detail).toMatch(/model_unloadable|output_mismatch/);
});
