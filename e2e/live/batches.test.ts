import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Batch } from "@infernet/schemas/batch";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import { viewElements } from "@infernet/schemas/tensor-elements";
import { createEmbeddingsEngine } from "infernet-runner/engine/embeddings/embeddings-engine";
import {
  tinyEncoderFiles,
  tinyEncoderManifest,
} from "infernet-runner/engine/embeddings/testing/tiny-encoder";
import { findBestSandbox } from "infernet-runner/sandbox/detect-sandboxes";
import OpenAI, { toFile } from "openai";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { uploadTinyEncoder } from "../fixtures/tiny-encoder.ts";
import { TINYLM_ANSWER, uploadTinylm } from "../fixtures/tinylm-model.ts";
import type { RunnerProcess } from "../network/runner-process.ts";
import { until } from "../network/until.ts";
import { useEdge } from "./use-edge.ts";

const E2E = fileURLToPath(new URL("..", import.meta.url));
const PAGE = fileURLToPath(new URL("../../docs/openai-api.md", import.meta.url));

const live = useEdge();
let openai: OpenAI;
let runner: RunnerProcess;

beforeAll(async () => {
  await uploadTinylm(live.client);
  await uploadTinyEncoder(live.client);
  runner = await live.addRunner("runner");
  openai = new OpenAI({ apiKey: live.client.key, baseURL: `${live.client.url}/v1` });
});

const TEXTS = ["the quick brown fox", "a", "zwölf Boxkämpfer 🎈"];

/** What the engine makes of these texts with nothing around it. */
async function embedDirectly(texts: readonly string[]): Promise<{ vectors: number[][]; tokens: number }> {
  const dir = join(live.folder, "encoder");
  for (const { path, bytes } of tinyEncoderFiles()) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), bytes);
  }
  const { best } = await findBestSandbox();
  const engine = await createEmbeddingsEngine({ sandbox: best, threads: 1 });
  const session = await engine.load(await tinyEncoderManifest(), dir);
  const data = joinBytes(texts.map((text) => new TextEncoder().encode(text)));
  const inputs = [{ name: "text", datatype: "BYTES" as const, shape: [texts.length], data }];
  const run = { timeout_ms: 60_000, signal: new AbortController().signal };
  const [vectors, tokens] = (await session.run(inputs, texts.length, run)).outputs;
  await session.close();
  if (vectors === undefined || tokens === undefined) throw new Error("the engine gave too few outputs");
  const numbers = [...viewElements("FP32", vectors.data)];
  const width = numbers.length / texts.length;
  return {
    vectors: texts.map((_, row) => numbers.slice(row * width, (row + 1) * width)),
    tokens: [...viewElements("INT32", tokens.data)].reduce((sum, count) => sum + count, 0),
  };
}

/** Lines of a result file by their ids. */
async function readResults(file: string | undefined | null): Promise<Map<string, z.infer<typeof Result>>> {
  if (!file) return new Map();
  const text = await (await openai.files.content(file)).text();
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => Result.parse(JSON.parse(line)));
  return new Map(lines.map((line) => [line.custom_id, line]));
}

const Result = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.int(), body: z.looseObject({}) }),
});
const Text = z.object({ choices: z.tuple([z.object({ text: z.string() })]) });

test("texts are embedded as the engine does it, and told to OpenAI's client in the form that it asks for", async () => {
  const { data, usage } = await openai.embeddings.create({ model: "tiny-encoder", input: TEXTS });
  const direct = await embedDirectly(TEXTS);
  expect(data.map(({ embedding }) => embedding)).toEqual(direct.vectors);
  expect(usage).toEqual({ prompt_tokens: direct.tokens, total_tokens: direct.tokens });
  const [first] = (
    await openai.embeddings.create({ model: "tiny-encoder", input: "a", encoding_format: "float" })
  ).data;
  expect(first?.embedding).toEqual(direct.vectors[1]);
});

test("a batch is answered in full, though the edge is killed while it is worked", async () => {
  const request = (id: string, model: string, prompt: string) => ({
    custom_id: id,
    method: "POST",
    url: "/v1/completions",
    body: { model, prompt, temperature: 0, max_tokens: TINYLM_ANSWER.greedyIds.length },
  });
  const known = TINYLM_ANSWER.prompt;
  const lines = Array.from({ length: 11 }, (_, n) => request(`line ${n}`, "tinylm", n % 2 ? known : `${n}`));
  const content = [...lines, request("bad", "tinyml", known)].map((line) => JSON.stringify(line)).join("\n");
  const file = await openai.files.create({
    file: await toFile(Buffer.from(content), "a.jsonl"),
    purpose: "batch",
  });
  const made = await openai.batches.create({
    input_file_id: file.id,
    endpoint: "/v1/completions",
    completion_window: "24h",
    metadata: { for: "a test" },
  });
  await live.edge.program.kill();
  await live.restartEdge();
  // The account's alarm goes on with it: nobody asks for the batch before its jobs are made.
  await until("the batch's job", async () => {
    const { data } = await live.client.listJobs();
    return data.find(({ metadata }) => metadata.batch_id === made.id) ?? null;
  });
  const batch = await until(
    "the batch's end",
    async () => {
      const now = await openai.batches.retrieve(made.id);
      return now.status === "completed" ? Batch.parse(now) : null;
    },
    40_000,
  );
  expect(batch).toMatchObject({
    request_counts: { total: 12, completed: 11, failed: 1 },
    metadata: { for: "a test" },
  });
  expect(batch.infernet.job_ids).toHaveLength(1);
  expect(batch.usage.output_tokens).toBeGreaterThan(0);
  const results = await readResults(batch.output_file_id);
  expect([...results.keys()].sort()).toEqual(lines.map(({ custom_id }) => custom_id).sort());
  const texts = lines.map(
    ({ custom_id }) => Text.parse(results.get(custom_id)?.response.body).choices[0].text,
  );
  expect(texts.filter((_, n) => n % 2)).toEqual(Array(5).fill(TINYLM_ANSWER.greedyText));
  const errors = await readResults(batch.error_file_id);
  expect(errors.get("bad")?.response).toMatchObject({
    status_code: 404,
    body: { error: { code: "model_not_found", message: expect.stringContaining("tinylm") } },
  });
  const { data: batches } = await openai.batches.list();
  expect(batches.map(({ id }) => id)).toEqual([made.id]);
  await openai.files.delete(file.id);
  await expect(openai.files.retrieve(file.id)).rejects.toThrow(OpenAI.NotFoundError);
});

test("the page's example of a batch runs as it stands", () => {
  const [block = ""] = /(?<=^```javascript\n)[\s\S]*?(?=^```$)/m.exec(readFileSync(PAGE, "utf8")) ?? [];
  const run = spawnSync(process.execPath, ["--input-type=module", "--eval", block], {
    cwd: E2E,
    env: { ...process.env, EDGE: live.edge.url, KEY: live.client.key },
    encoding: "utf8",
    timeout: 50_000,
  });
  expect(run.stderr).toBe("");
  expect(run.stdout).toMatch(/^line 0 [\s\S]+\nline 1 [\s\S]+\n\[ 'job_/);
});

test("a client that goes away cancels the job of its embeddings", async () => {
  // Known to be online, and deaf: the job stays open.
  process.kill(-runner.program.pid, "SIGSTOP");
  try {
    const before = (await live.client.listJobs()).data.map(({ id }) => id);
    const body = JSON.stringify({ model: "tiny-encoder", input: "gone" });
    const { hostname, port } = new URL(live.client.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      [
        "POST /v1/embeddings HTTP/1.1",
        `Host: ${hostname}`,
        `Authorization: Bearer ${live.client.key}`,
        "Content-Type: application/json",
        `Content-Length: ${body.length}`,
        "",
        body,
      ].join("\r\n"),
    );
    const job = await until("the job", async () => {
      const { data } = await live.client.listJobs();
      return data.find(({ id }) => !before.includes(id)) ?? null;
    });
    // workerd notices a connection that is reset; one that is only closed might be closed in one direction.
    socket.resetAndDestroy();
    await until("the end of the job", async () =>
      (await live.client.getJob(job.id)).state === "canceled" ? true : null,
    );
  } finally {
    process.kill(-runner.program.pid, "SIGCONT");
  }
});
