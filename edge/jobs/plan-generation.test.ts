import { reset } from "cloudflare:test";
import { sha256 } from "@infernet/schemas/digest";
import { Quote } from "@infernet/schemas/job";
import { Problem } from "@infernet/schemas/problem";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callEdge, json } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestAccount, type TestAccount } from "../testing/test-account.ts";
import { registerTestLlm } from "../testing/test-llm.ts";

let account: TestAccount;

beforeEach(async () => {
  await migrateIndex();
  account = await createTestAccount();
});
afterEach(reset);

const row = (tokens_max = 100, prompt: object = { kind: "tokens", tokens: [1, 2, 3] }) =>
  JSON.stringify({ prompt, sampling: { seed: 1, tokens_max } });

const request = (data: unknown[], changes: object = {}) => ({
  model: "tinylm",
  input: { tensors: [{ name: "request", datatype: "BYTES", shape: [data.length], data }] },
  verification: { mode: "none" },
  ...changes,
});

const ask = (body: object) => callEdge("/jobs/quote", json(body, account.headers));

async function quote(body: object): Promise<Quote> {
  return Quote.parse(await (await ask(body)).json());
}

async function refusal(body: object): Promise<[string, string | undefined]> {
  const { code, errors } = Problem.parse(await (await ask(body)).json());
  return [code, errors?.[0]?.pointer];
}

describe("the price of generated text", () => {
  beforeEach(() => registerTestLlm(account));

  it("is that of the most tokens, told by the million for each kind", async () => {
    const { price, shards } = await quote(request([row()]));
    // 3 x 10 + 100 x 40 units of 200,000,000 operations, at 50,000 for 180,000,000,000,000.
    expect(price).toMatchObject({ quoted_micro: "224", work: { operations_per_row: "200000000" } });
    expect(price.per_million_tokens).toMatchObject({ prompt_micro: "555556", completion_micro: "2222223" });
    expect(shards).toBe(1);
  });

  it("has the checks in it, each as much as reading prompt and completion once", async () => {
    const audited = request([row()], { verification: { mode: "audit", auditors: 2, rows_share: 1 } });
    const { price, compute_factor } = await quote(audited);
    // 4,030 units for making it and twice 1,030 for checking it.
    expect(price.quoted_micro).toBe(String(Math.ceil((6_090 * 200 * 50_000) / 180_000_000)));
    expect(compute_factor).toBeCloseTo(6_090 / 4_030);
  });

  it("goes with a shard for each row where tokens are streamed, and with few shards where they are not", async () => {
    const rows = Array.from({ length: 40 }, () => row(1));
    expect((await quote(request(rows, { generation: { stream: true } }))).shards).toBe(40);
    expect((await quote(request(rows))).shards).toBeLessThan(40);
  });
});

describe("the requests of a job are read before it is taken", () => {
  beforeEach(() => registerTestLlm(account));

  it("and the first that cannot be answered is pointed at", async () => {
    const long = { kind: "tokens", tokens: Array.from({ length: 512 }, () => 1) };
    const cases: [string, string, string][] = [
      ["{", "request_invalid", "/input/tensors/0/data/1"],
      ['{"promt":1}', "request_invalid", "/input/tensors/0/data/1/"],
      [row(513), "request_invalid", "/input/tensors/0/data/1/sampling/tokens_max"],
      [row(1, long), "context_too_long", "/input/tensors/0/data/1/prompt/tokens"],
    ];
    for (const [bad, code, pointer] of cases) {
      const [found, at] = await refusal(request([row(), bad]));
      expect(found).toBe(code);
      expect(at).toContain(pointer);
    }
  });

  it("also those that lie in a blob", async () => {
    const data = joinBytes([row(), "no"].map((text) => new TextEncoder().encode(text)));
    const blob = await sha256(data);
    const length = { "Content-Length": String(data.length) };
    await callEdge(`/blobs/${blob}`, {
      method: "PUT",
      body: data,
      headers: { ...account.headers, ...length },
    });
    const tensor = { name: "request", datatype: "BYTES", shape: [2], blob };
    expect(await refusal({ ...request([]), input: { tensors: [tensor] } })).toEqual([
      "request_invalid",
      "/input/tensors/0/blob/1",
    ]);
  });

  it("and streamed shards of several rows are refused", async () => {
    const body = request([row(), row()], { generation: { stream: true }, shard_rows: 2 });
    expect(await refusal(body)).toEqual(["request_invalid", "/shard_rows"]);
  });
});

it("a model of servers is not checked, and its quote and its Job say why instead of pretending", async () => {
  await registerTestLlm(account, "served", { engine: "openai" });
  const body = request([row()], { model: "served", verification: { mode: "quorum", replicas: 3 } });
  const quoted = await quote(body);
  expect(quoted.verification).toMatchObject({ mode: "none", auditors: 0 });
  expect(quoted.verification_unavailable).toMatch(/no other machine can check/);
  const job = await (await callEdge("/jobs", json(body, account.headers))).json();
  expect(job).toMatchObject({
    verification: { plan: { mode: "none" }, unavailable: quoted.verification_unavailable },
  });
});

it("generation is refused on a model that generates no text", async () => {
  const numbers = {
    engine: "wasm",
    entry: "m.wasm",
    inputs: [{ name: "x", datatype: "FP32", shape: [null] }],
    outputs: [{ name: "x", datatype: "FP32", shape: [null] }],
  };
  const body = Uint8Array.from(new TextEncoder().encode("stands for a module"));
  const digest = await sha256(body);
  const length = { "Content-Length": String(body.length) };
  await callEdge(`/blobs/${digest}`, { method: "PUT", body, headers: { ...account.headers, ...length } });
  const files = [{ path: "m.wasm", sha256: digest, bytes: body.length }];
  await callEdge("/models", json({ name: "numbers", manifest: { ...numbers, files } }, account.headers));
  const tensor = { name: "x", datatype: "FP32", shape: [1], data: [1] };
  const asked = { model: "numbers", input: { tensors: [tensor] }, generation: { stream: true } };
  expect(await refusal(asked)).toEqual(["request_invalid", "/generation"]);
});
