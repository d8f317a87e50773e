import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { JobId } from "@infernet/schemas/ids";
import { JobSummary } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import { ModelManifest, manifestDigest } from "@infernet/schemas/model";
import { pageOf } from "@infernet/schemas/page";
import type { Lease } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { answerLease } from "../aggregator/testing/network.ts";
import { openCatalog } from "../catalog/open-catalog.ts";
import { bucketOf } from "../dispatcher/buckets.ts";
import { EmbeddingsList } from "../embeddings/render-embeddings.ts";
import { unwrap } from "../rpc.ts";
import { callEdge, json } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestAccount, type TestAccount } from "../testing/test-account.ts";
import { STANDING } from "../testing/test-exchange.ts";
import { OpenaiError } from "../v1/openai-error.ts";

const manifest = ModelManifest.parse({
  engine: "embeddings",
  entry: "onnx/model.onnx",
  files: [{ path: "onnx/model.onnx", sha256: "a".repeat(64), bytes: 1 }],
  inputs: [{ name: "text", datatype: "BYTES", shape: [null] }],
  outputs: [
    { name: "embedding", datatype: "FP32", shape: [null, 2] },
    { name: "tokens", datatype: "INT32", shape: [null] },
  ],
  embeddings: { context_tokens: 64, parameters: "1000" },
});
const EMBEDDER = {
  engine: "embeddings" as const,
  version: "1.30.0",
  execution_provider: "cpu" as const,
  formats: ["embeddings"],
  sandbox: "none" as const,
};
const runner = await createTestSigner(1);
let account: TestAccount;

beforeEach(async () => {
  await migrateIndex();
  account = await createTestAccount();
  const digest = await manifestDigest(manifest);
  const work = { kind: "declared", reason: "a test" } as const;
  const named = { name: "lengths", account_id: account.id, now_ms: Date.now() };
  await openCatalog(env).register({ digest, manifest, work, ...named });
});
afterEach(reset);

const goOnline = () =>
  bucketOf(env, runner.id).introduce(
    runner.id,
    { engines: [EMBEDDER], memory_bytes: 2 ** 33, cpu_cores: 4, gpus: [] },
    STANDING,
  );

const embed = (body: object, init: RequestInit = {}): Promise<Response> =>
  callEdge("/v1/embeddings", { ...json({ model: "lengths", ...body }, account.headers), ...init });

/** The account's job, as soon as there is one. */
const findJob = (): Promise<JobId> =>
  vi.waitFor(async () => {
    const answer = await callEdge("/jobs", { headers: account.headers });
    const [job] = pageOf(JobSummary).parse(await answer.json()).data;
    if (job === undefined) throw new Error("there is no job yet");
    return job.id;
  });

/** For each row n and n + 1, and n tokens. */
function compute({ rows }: Lease): Tensor[] {
  const all = rows.flatMap(({ start, count }) => Array.from({ length: count }, (_, n) => start + n));
  const vectors = new Float32Array(all.flatMap((n) => [n, n + 1]));
  return [
    { name: "embedding", datatype: "FP32", shape: [all.length, 2], data: new Uint8Array(vectors.buffer) },
    {
      name: "tokens",
      datatype: "INT32",
      shape: [all.length],
      data: new Uint8Array(new Int32Array(all).buffer),
    },
  ];
}

async function workOff(job_id: JobId): Promise<void> {
  const aggregator = aggregatorOf(env, job_id);
  const asked = { job_id, runner: runner.id, leases_max: 16, runners: 1, referee: false };
  const { leases } = await aggregator.lease({ ...asked, passed: LIMITS.probation_audits });
  for (const lease of leases)
    await aggregator.submit(runner.id, [
      await answerLease(runner, lease, compute(lease), "embeddings/1.30.0/cpu/fp32"),
    ]);
}

test("texts are answered by their vectors, in order and with the tokens that they have", async () => {
  await goOnline();
  const asked = embed({ input: ["a", "b", "c"], encoding_format: "float" });
  const job = await findJob();
  await workOff(job);
  const answer = await asked;
  expect(answer.headers.get("Infernet-Job")).toBe(job);
  const { data, usage, model } = EmbeddingsList.parse(await answer.json());
  expect(data.map(({ index, embedding }) => [index, embedding])).toEqual([
    [0, [0, 1]],
    [1, [1, 2]],
    [2, [2, 3]],
  ]);
  expect([usage.prompt_tokens, model]).toEqual([3, "lengths"]);
});

test("a client that goes away cancels its job", async () => {
  await goOnline();
  const controller = new AbortController();
  const asked = embed({ input: "a" }, { signal: controller.signal });
  const job = await findJob();
  controller.abort();
  await vi.waitFor(async () => {
    const { state } = unwrap(await aggregatorOf(env, job).read(account.id, job));
    expect(state).toBe("canceled");
  });
  await asked;
});

test("a model that nobody knows, and one that no machine fits, are told from each other", async () => {
  const unknown = await embed({ model: "lenghts", input: "a" });
  expect(unknown.status).toBe(404);
  const { error } = OpenaiError.parse(await unknown.json());
  expect([error.code, error.message]).toEqual(["model_not_found", expect.stringContaining("lengths")]);
  const idle = await embed({ input: "a", provider: { min_vram_bytes: 1 } });
  expect(idle.status).toBe(503);
  expect(OpenaiError.parse(await idle.json()).error.code).toBe("no_machine_fits");
});
