import { evictDurableObject, reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Batch } from "@infernet/schemas/batch";
import { FileObject } from "@infernet/schemas/file";
import type { JobId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { Generation } from "@infernet/schemas/llm/generation";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { ModelManifest, manifestDigest } from "@infernet/schemas/model";
import { openaiPageOf } from "@infernet/schemas/openai-page";
import type { Lease } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { joinBytes, splitBytes } from "@infernet/schemas/tensor-bytes";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { answerLease } from "../aggregator/testing/network.ts";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { readBlob } from "../blobs/read-blob.ts";
import { openCatalog } from "../catalog/open-catalog.ts";
import { bucketOf } from "../dispatcher/buckets.ts";
import { unwrap } from "../rpc.ts";
import { callEdge, json } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestAccount, type TestAccount } from "../testing/test-account.ts";
import { STANDING } from "../testing/test-exchange.ts";
import { ChatCompletion } from "../v1/chat-completion.ts";
import { OpenaiError } from "../v1/openai-error.ts";

const DIMENSIONS = 2;
const manifest = ModelManifest.parse({
  engine: "embeddings",
  entry: "onnx/model.onnx",
  files: [{ path: "onnx/model.onnx", sha256: "a".repeat(64), bytes: 1 }],
  inputs: [{ name: "text", datatype: "BYTES", shape: [null] }],
  outputs: [
    { name: "embedding", datatype: "FP32", shape: [null, DIMENSIONS] },
    { name: "tokens", datatype: "INT32", shape: [null] },
  ],
  embeddings: { context_tokens: 64, parameters: "1000" },
});

const writer = ModelManifest.parse({
  engine: "llm",
  entry: "onnx/model.onnx",
  files: [{ path: "onnx/model.onnx", sha256: "b".repeat(64), bytes: 1 }],
  inputs: [{ name: "request", datatype: "BYTES", shape: [null] }],
  outputs: [{ name: "generation", datatype: "BYTES", shape: [null] }],
  llm: { context_tokens: 64, parameters: "1000", features: ["logprobs"] },
});

const runner = await createTestSigner(1);
let account: TestAccount;
const stub = () => env.ACCOUNT.getByName(account.id);

beforeEach(async () => {
  await migrateIndex();
  account = await createTestAccount();
  for (const [name, known] of Object.entries({ lengths: manifest, sums: manifest, writer }))
    await openCatalog(env).register({
      digest: await manifestDigest(known),
      manifest: known,
      work: { kind: "declared", reason: "a test" },
      name,
      account_id: account.id,
      now_ms: Date.now(),
    });
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const UNCHECKED = { verification: { mode: "none" } };

const line = (custom_id: string, body: object = {}, changes: object = {}): string =>
  JSON.stringify({
    custom_id,
    method: "POST",
    url: "/v1/embeddings",
    body: { model: "lengths", input: custom_id, infernet: UNCHECKED, ...body },
    ...changes,
  });

async function upload(...lines: string[]): Promise<string> {
  const form = new FormData();
  form.set("purpose", "batch");
  form.set("file", new File([`${lines.join("\n")}\n`], "requests.jsonl"));
  const answer = await callEdge("/v1/files", { method: "POST", headers: account.headers, body: form });
  return FileObject.parse(await answer.json()).id;
}

const post = (body: object): Promise<Response> => callEdge("/v1/batches", json(body, account.headers));

async function createBatchFor(endpoint: Batch["endpoint"], ...lines: string[]): Promise<Batch> {
  const input_file_id = await upload(...lines);
  const answer = await post({ input_file_id, endpoint, completion_window: "24h" });
  expect(answer.status).toBe(200);
  return Batch.parse(await answer.json());
}

const createBatch = (...lines: string[]): Promise<Batch> => createBatchFor("/v1/embeddings", ...lines);

async function read({ id }: Batch): Promise<Batch> {
  return Batch.parse(await (await callEdge(`/v1/batches/${id}`, { headers: account.headers })).json());
}

/** Lets the account work until the batch is as awaited: its alarm may ring by itself, or when it is told to. */
async function advance(batch: Batch, ...awaited: Batch["status"][]): Promise<Batch> {
  return vi.waitFor(async () => {
    await runDurableObjectAlarm(stub());
    const now = await read(batch);
    expect(awaited).toContain(now.status);
    return now;
  });
}

/** The batch once its input has become so many jobs. */
async function start(batch: Batch, jobs = 1): Promise<Batch> {
  await advance(batch, "in_progress");
  return vi.waitFor(async () => {
    const now = await read(batch);
    expect(now.infernet.job_ids).toHaveLength(jobs);
    return now;
  });
}

const Result = z.strictObject({
  id: z.string(),
  custom_id: z.string(),
  response: z.strictObject({ status_code: z.int(), request_id: z.string(), body: z.unknown() }).nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});
type Result = z.infer<typeof Result>;

async function readResults(id: string | null): Promise<Result[]> {
  if (id === null) return [];
  const answer = await callEdge(`/v1/files/${id}/content`, { headers: account.headers });
  const text = new TextDecoder().decode(await answer.arrayBuffer());
  return text
    .split("\n")
    .filter((row) => row !== "")
    .map((row) => Result.parse(JSON.parse(row)));
}

async function rowsOf(lease: Lease): Promise<Uint8Array[]> {
  const [input] = lease.inputs;
  if (input === undefined || !("blob" in input)) throw new Error("the rows of a batch are a blob");
  const all = splitBytes(await readBlob(createBlobStore(env), input.blob));
  return lease.rows.flatMap(({ start, count }) => all.slice(start, start + count));
}

/** The vector of a text: its bytes, and 1; its tokens are its bytes. */
async function embed(lease: Lease): Promise<Tensor[]> {
  const texts = await rowsOf(lease);
  const vectors = new Float32Array(texts.flatMap((text) => [text.byteLength, 1]));
  const tokens = new Int32Array(texts.map((text) => text.byteLength));
  return [
    {
      name: "embedding",
      datatype: "FP32",
      shape: [texts.length, DIMENSIONS],
      data: new Uint8Array(vectors.buffer),
    },
    { name: "tokens", datatype: "INT32", shape: [texts.length], data: new Uint8Array(tokens.buffer) },
  ];
}

/** Repeats the prompt with its seed; a prompt that is "long" is too long. */
async function repeat(lease: Lease): Promise<Tensor[]> {
  const rows = (await rowsOf(lease)).map((row) => {
    const { prompt, sampling, top_logprobs } = GenerationRequest.parse(
      JSON.parse(new TextDecoder().decode(row)),
    );
    const said = prompt.kind === "chat" ? prompt.messages[0]?.content : prompt.kind === "text" && prompt.text;
    const logprob = { token: "x", logprob: -1, bytes: null, top_logprobs: [] };
    return Generation.parse(
      said === "long"
        ? { error: { code: "context_too_long", message: "the prompt has 99 tokens" } }
        : {
            text: `${said} ${sampling.seed}`,
            tokens: [1, 2],
            finish_reason: "stop",
            usage: { prompt_tokens: 5, cached_tokens: 1, completion_tokens: 2 },
            logprobs: top_logprobs === null ? null : [logprob, logprob],
            evidence: null,
          },
    );
  });
  const encoded = rows.map((row) => new TextEncoder().encode(JSON.stringify(row)));
  return [{ name: "generation", datatype: "BYTES", shape: [rows.length], data: joinBytes(encoded) }];
}

/** Has a runner answer all of a job, and the account hear of it. */
async function workOff(job_id: JobId, compute = embed, engine = "embeddings"): Promise<void> {
  const aggregator = aggregatorOf(env, job_id);
  const asked = { job_id, runner: runner.id, leases_max: 16, runners: 1, referee: false };
  for (;;) {
    const { leases } = await aggregator.lease({ ...asked, passed: LIMITS.probation_audits });
    if (leases.length === 0) break;
    for (const lease of leases) {
      const answer = await answerLease(runner, lease, await compute(lease), `${engine}/1.30.0/cpu/fp32`);
      await aggregator.submit(runner.id, [answer]);
    }
  }
  await vi.waitFor(async () => {
    const { kind } = await aggregator.standing(job_id);
    expect(kind).toBe("over");
  });
}

const jobsOf = ({ infernet }: Batch): JobId[] => infernet.job_ids;

test("lines of one model become one job, and each is answered in the result file by its id", async () => {
  const lines = ["a", "bb", "ccc"].map((id) => line(id));
  const several = line("both", { model: "sums", input: ["dddd", "eeeee"], encoding_format: "base64" });
  const created = await createBatch(...lines, several);
  expect(created).toMatchObject({ status: "validating", request_counts: { total: 0 }, errors: null });
  const running = await start(created);
  expect(running).toMatchObject({ status: "in_progress", request_counts: { total: 4, completed: 0 } });
  // Two names of one model are one model.
  expect(jobsOf(running)).toHaveLength(1);
  for (const job of jobsOf(running)) await workOff(job);
  const done = await advance(running, "completed");
  expect(done).toMatchObject({
    status: "completed",
    request_counts: { total: 4, completed: 4, failed: 0 },
    usage: { input_tokens: 15, total_tokens: 15 },
    error_file_id: null,
  });
  expect(Number(done.infernet.cost.charged_micro)).toBeGreaterThan(0);
  const results = await readResults(done.output_file_id);
  const bodies = new Map(results.map(({ custom_id, response }) => [custom_id, response?.body]));
  expect(results.map(({ response }) => response?.status_code)).toEqual([200, 200, 200, 200]);
  expect(new Set(results.map(({ id }) => id)).size).toBe(4);
  expect(bodies.get("ccc")).toMatchObject({
    object: "list",
    model: "lengths",
    data: [{ index: 0, embedding: [3, 1] }],
    usage: { prompt_tokens: 3 },
  });
  const vectors = [4, 5].map((length) =>
    btoa(String.fromCharCode(...new Uint8Array(new Float32Array([length, 1]).buffer))),
  );
  expect(bodies.get("both")).toMatchObject({
    model: "sums",
    data: vectors.map((embedding, index) => ({ index, embedding })),
  });
});

test("completions are answered as their endpoint would, each line with its own seeds and choices", async () => {
  const chat = (id: string, body: object = {}) => {
    const messages = [{ role: "user", content: id }];
    return line(
      id,
      { model: "writer", messages, seed: 7, input: undefined, ...body },
      { url: "/v1/chat/completions" },
    );
  };
  const created = await createBatchFor(
    "/v1/chat/completions",
    chat("one"),
    chat("two", { n: 2, logprobs: true }),
    chat("long"),
    chat("streamed", { stream: true }),
    chat("unseeded", { seed: null }),
  );
  const running = await start(created);
  for (const job of jobsOf(running)) await workOff(job, repeat, "llm");
  const done = await advance(running, "completed");
  expect(done).toMatchObject({
    request_counts: { total: 5, completed: 3, failed: 2 },
    usage: { input_tokens: 15, input_tokens_details: { cached_tokens: 3 }, output_tokens: 8 },
  });
  const results = await readResults(done.output_file_id);
  const bodies = results.map(
    ({ custom_id, response }) => [custom_id, ChatCompletion.parse(response?.body)] as const,
  );
  const texts = bodies.map(([id, { choices }]) => [id, choices.map(({ message }) => message.content)]);
  expect(texts).toEqual([
    ["one", ["one 7"]],
    ["two", ["two 7", "two 8"]],
    ["unseeded", [expect.stringMatching(/^unseeded [0-9]+$/)]],
  ]);
  expect(bodies[1]?.[1].choices[1]?.logprobs?.content).toHaveLength(2);
  expect(new Set(bodies.map(([, { id }]) => id)).size).toBe(3);
  const errors = await readResults(done.error_file_id);
  const codes = errors.map(({ custom_id, response }) => [
    custom_id,
    OpenaiError.parse(response?.body).error.code,
  ]);
  expect(Object.fromEntries(codes)).toEqual({
    streamed: "unsupported_parameter",
    long: "context_length_exceeded",
  });
});

test("lines that no job can be made of are answered in the error file, and the others are worked", async () => {
  const created = await createBatch(
    line("good"),
    line("unknown", { model: "lenghts" }),
    line("tokens", { input: [1, 2] }),
    line("member", { inptu: "x" }),
  );
  const running = await start(created);
  expect(running.request_counts).toEqual({ total: 4, completed: 0, failed: 3 });
  for (const job of jobsOf(running)) await workOff(job);
  const done = await advance(running, "completed");
  expect(done).toMatchObject({ status: "completed", request_counts: { completed: 1, failed: 3 } });
  const errors = await readResults(done.error_file_id);
  const told = errors.map(({ custom_id, response }) => [
    custom_id,
    response?.status_code,
    OpenaiError.parse(response?.body).error.code,
  ]);
  expect(told).toEqual([
    ["unknown", 404, "model_not_found"],
    ["tokens", 400, "unsupported_parameter"],
    ["member", 400, "invalid_value"],
  ]);
});

test("an input that is not all requests fails the batch before anything of it is worked", async () => {
  const failed = await advance(await createBatch(line("a"), "{", line("a")), "failed");
  expect(failed).toMatchObject({ status: "failed", output_file_id: null, infernet: { job_ids: [] } });
  expect(failed.errors?.data.map(({ code, line: at }) => [code, at])).toEqual([
    ["invalid_json_line", 2],
    ["duplicate_custom_id", 3],
  ]);
});

test("a batch whose jobs nobody can pay for is over, with the reason in its error file", async () => {
  account = await createTestAccount("poor", "0");
  const done = await advance(await createBatch(line("a")), "completed");
  expect(done).toMatchObject({ status: "completed", request_counts: { total: 1, failed: 1 } });
  const [error] = await readResults(done.error_file_id);
  expect(error?.response?.status_code).toBe(429);
  expect(OpenaiError.parse(error?.response?.body).error.code).toBe("insufficient_quota");
});

test("lines that no machine can work wait for one, and the others are worked meanwhile", async () => {
  const created = await createBatch(line("waits", { infernet: {} }), line("goes"));
  const running = await start(created);
  for (const job of jobsOf(running)) await workOff(job);
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(stub());
    expect(await read(running)).toMatchObject({ status: "in_progress", request_counts: { completed: 1 } });
  });
  const engine = { version: "1.30.0", execution_provider: "cpu", sandbox: "none" } as const;
  await bucketOf(env, runner.id).introduce(
    runner.id,
    {
      engines: [{ engine: "embeddings", formats: ["embeddings"], ...engine }],
      memory_bytes: 2 ** 33,
      cpu_cores: 4,
      gpus: [],
    },
    STANDING,
  );
  await runInDurableObject(stub(), (_, { storage }) => {
    storage.sql.exec("UPDATE batches SET next_ms = 0");
    return storage.setAlarm(Date.now());
  });
  // The only machine that fits cannot be checked by another.
  await start(created, 2);
  const views = await Promise.all(
    jobsOf(await read(created)).map((id) => aggregatorOf(env, id).read(account.id, id)),
  );
  expect(views.map((view) => unwrap(view).verification.plan.mode)).toEqual(["none", "none"]);
});

test("a canceled batch keeps what was answered and lists what was not", async () => {
  const created = await createBatch(
    line("a"),
    line("b", { infernet: { ...UNCHECKED, offer: { max_micro: "999999" } } }),
  );
  const running = await start(created, 2);
  const [first, second] = jobsOf(running);
  if (first === undefined || second === undefined) throw new Error("lines of different wishes are two jobs");
  await workOff(first);
  const path = `/v1/batches/${running.id}/cancel`;
  const cancelling = await callEdge(path, { method: "POST", headers: account.headers });
  expect(Batch.parse(await cancelling.json()).status).toBe("cancelling");
  const done = await advance(running, "cancelled");
  expect(done).toMatchObject({ status: "cancelled", request_counts: { total: 2, completed: 1, failed: 1 } });
  expect((await readResults(done.output_file_id)).map(({ custom_id }) => custom_id)).toEqual(["a"]);
  expect(await readResults(done.error_file_id)).toMatchObject([
    { custom_id: "b", response: null, error: { code: "batch_cancelled" } },
  ]);
  expect((await callEdge(path, { method: "POST", headers: account.headers })).status).toBe(200);
});

test("a batch that ended cannot be canceled", async () => {
  const failed = await advance(await createBatch("{"), "failed");
  const answer = await callEdge(`/v1/batches/${failed.id}/cancel`, {
    method: "POST",
    headers: account.headers,
  });
  expect(answer.status).toBe(409);
  expect(OpenaiError.parse(await answer.json()).error.code).toBe("batch_over");
});

test("what is not answered within the window expires, and is listed", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const running = await start(await createBatch(line("a")));
  vi.setSystemTime(Date.now() + LIMITS.batch_window_ms + 1_000);
  for (const job of jobsOf(running)) await runDurableObjectAlarm(aggregatorOf(env, job));
  const done = await advance(running, "expired");
  expect(done.status).toBe("expired");
  expect(await readResults(done.error_file_id)).toMatchObject([{ error: { code: "batch_expired" } }]);
});

test("an object that dies at any step goes on and makes nothing twice", async () => {
  const created = await createBatch(line("a"), line("b", { model: "none" }));
  // As if the process had died before each step that was made is said to be: the steps are made again.
  const rewind = () =>
    runInDurableObject(stub(), (_, { storage }) => {
      storage.sql.exec("UPDATE batch_parts SET job_id = NULL WHERE outcome IS NULL");
      storage.sql.exec("UPDATE batches SET next_ms = 0");
    });
  const running = await start(created);
  await evictDurableObject(stub());
  await rewind();
  const again = await start(created);
  expect(again.infernet.job_ids).toEqual(running.infernet.job_ids);
  for (const job of jobsOf(again)) await workOff(job);
  await evictDurableObject(stub());
  const done = await advance(created, "completed");
  await evictDurableObject(stub());
  expect(await advance(created, "completed")).toEqual(done);
  const files = await callEdge("/v1/files?purpose=batch_output", { headers: account.headers });
  expect(openaiPageOf(FileObject).parse(await files.json()).data).toHaveLength(2);
  const jobs = await callEdge("/jobs", { headers: account.headers });
  expect(z.object({ data: z.array(z.unknown()) }).parse(await jobs.json()).data).toHaveLength(1);
});

test("a batch that is over is forgotten after as long as files are kept", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const old = await advance(await createBatch("{"), "failed");
  vi.setSystemTime(Date.now() + LIMITS.file_retention_ms + 1_000);
  const made = await createBatch("{");
  expect((await callEdge(`/v1/batches/${old.id}`, { headers: account.headers })).status).toBe(404);
  expect((await read(made)).id).toBe(made.id);
});

test("batches are listed by pages, and another account's do not exist", async () => {
  const ids: string[] = [];
  for (const id of ["a", "b", "c"]) ids.push((await createBatch(line(id))).id);
  const list = async (query: string) => {
    const answer = await callEdge(`/v1/batches?${query}`, { headers: account.headers });
    const { data, has_more } = openaiPageOf(Batch).parse(await answer.json());
    return [data.map(({ id }) => ids.indexOf(id)), has_more];
  };
  expect(await list("limit=2")).toEqual([[2, 1], true]);
  expect(await list(`after=${ids[1]}`)).toEqual([[0], false]);
  const [id] = ids;
  account = await createTestAccount();
  expect((await callEdge(`/v1/batches/${id}`, { headers: account.headers })).status).toBe(404);
  expect(await list("")).toEqual([[], false]);
});

test.each([
  [{ endpoint: "/v1/responses" }, 400, "endpoint"],
  [{ completion_window: "1h" }, 400, "completion_window"],
  [{ input_file_id: "file-0" }, 404, "input_file_id"],
])("a batch with %j is refused in OpenAI's shape", async (changes, status, param) => {
  const input_file_id = await upload(line("a"));
  const answer = await post({
    input_file_id,
    endpoint: "/v1/embeddings",
    completion_window: "24h",
    ...changes,
  });
  expect(answer.status).toBe(status);
  expect(OpenaiError.parse(await answer.json()).error.param).toBe(param);
});
