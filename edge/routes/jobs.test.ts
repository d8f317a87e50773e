import { env, reset } from "cloudflare:test";
import { PRICE_FORMULA } from "@infernet/protocol/price";
import { buildOnnx, node, weights } from "@infernet/protocol/work-units/testing/build-onnx";
import { BINARY_TYPE, decodeBinary, encodeBinary } from "@infernet/schemas/binary";
import { sha256 } from "@infernet/schemas/digest";
import { Job, Quote } from "@infernet/schemas/job";
import { type Lease, PollResponse, type ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { createTestSigner, signCommitment } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bucketOf } from "../dispatcher/buckets.ts";
import { loadNetworkKey } from "../network/network-key.ts";
import { callEdge, json } from "../testing/call-edge.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { createTestAccount, type TestAccount } from "../testing/test-account.ts";
import { CAPABILITY, STANDING } from "../testing/test-exchange.ts";
import { createTestRunner, type TestRunner } from "../testing/test-runner.ts";

let account: TestAccount;
let runner: TestRunner;

beforeEach(async () => {
  await migrateIndex();
  account = await createTestAccount();
  runner = await createTestRunner();
  await registerModel();
});
afterEach(reset);

/** Registers a model: rows of two floats in, the same out. */
async function registerModel(name = "echo", changes: object = {}, model?: Uint8Array): Promise<void> {
  const file = Uint8Array.from(
    model ?? new TextEncoder().encode("stands for a model; the runner here is worked by hand"),
  );
  const digest = await sha256(file);
  await callEdge(`/blobs/${digest}`, {
    method: "PUT",
    body: file,
    headers: { ...account.headers, "Content-Length": String(file.length) },
  });
  const manifest = {
    engine: "onnx",
    entry: "m.onnx",
    files: [{ path: "m.onnx", sha256: digest, bytes: file.length }],
    inputs: [{ name: "x", datatype: "FP32", shape: [null, 2] }],
    outputs: [{ name: "x", datatype: "FP32", shape: [null, 2] }],
    ...changes,
  };
  const answer = await callEdge("/models", json({ name, manifest }, account.headers));
  expect(answer.status).toBe(201);
}

const request = (changes: object = {}) => ({
  model: "echo",
  input: { tensors: [{ name: "x", datatype: "FP32", shape: [4, 2], data: [1, 2, 3, 4, 5, 6, 7, 8] }] },
  verification: { mode: "none" },
  shard_rows: 2,
  ...changes,
});

const post = (body: object, headers: Record<string, string> = {}) =>
  callEdge("/jobs", json(body, { ...account.headers, ...headers }));

const get = (path: string, headers: Record<string, string> = {}) =>
  callEdge(path, { headers: { ...account.headers, ...headers } });

async function submit(body: object = request()): Promise<Job> {
  const answer = await post(body);
  expect(answer.status).toBe(202);
  return Job.parse(await answer.json());
}

/** Registers the runner, takes what there is and echoes it. */
async function work(): Promise<void> {
  const engines = [
    { engine: "onnx", version: "1", execution_provider: "cpu", formats: ["onnx"], sandbox: "none" },
  ];
  const capability = { engines, memory_bytes: 2 ** 30, cpu_cores: 1, gpus: [] };
  await runner.call("/runner/register", json({ version: "0.1.0", capability }));
  for (;;) {
    const answer = await runner.call("/runner/poll", json({ leases_max: 16, wait_ms: 0 }));
    const { leases } = PollResponse.parse(decodeBinary(new Uint8Array(await answer.arrayBuffer())));
    if (leases.length === 0) return;
    const results = await Promise.all(leases.map(echo));
    const body = encodeBinary({ results });
    await runner.call("/runner/results", { method: "POST", body, headers: { "Content-Type": BINARY_TYPE } });
  }
}

async function echo(lease: Lease): Promise<ShardDone> {
  const { id: lease_id, job_id, shard, model } = lease;
  const outputs = lease.inputs.filter((input): input is Tensor => "data" in input);
  const { id: network } = await loadNetworkKey(env);
  const execution_class = "onnx/1/cpu/fp32";
  const bound = { network, job_id, shard, lease_id, model, execution_class };
  const commitment = await signCommitment(runner, bound, outputs);
  return { lease_id, job_id, shard, outcome: "done", execution_class, compute_ms: 1, outputs, ...commitment };
}

describe("POST /jobs", () => {
  it("answers 202 with the Job and where it is", async () => {
    const answer = await post(request());
    const job = Job.parse(await answer.json());
    expect(answer.headers.get("Location")).toBe(`/jobs/${job.id}`);
    expect(job).toMatchObject({ state: "queued", rows: 4, progress: { shards: 2 }, model: { name: "echo" } });
  });

  it("waits for the end when asked to, and says that it did", async () => {
    const waiting = post(request(), { Prefer: "wait=10" });
    await expect.poll(async () => (await get("/health")).json()).toMatchObject({ dispatch: { offers: 1 } });
    await work();
    const answer = await waiting;
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Preference-Applied")).toBe("wait=10");
    expect(Job.parse(await answer.json()).state).toBe("succeeded");
  });

  it("gives the first answer again to the same Idempotency-Key, and refuses it for another payload", async () => {
    const first = await post(request(), { "Idempotency-Key": "a" });
    const again = await post(request(), { "Idempotency-Key": "a" });
    expect(again.status).toBe(202);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await again.json()).toEqual(await first.json());
    const other = await post(request({ shard_rows: 1 }), { "Idempotency-Key": "a" });
    expect(await other.json()).toMatchObject({ status: 422, code: "idempotency_mismatch" });
  });

  it("frees the Idempotency-Key of a request that was refused", async () => {
    const refused = await post(request({ model: "nothing" }), { "Idempotency-Key": "b" });
    expect(await refused.json()).toMatchObject({ code: "model_unknown" });
    expect((await post(request(), { "Idempotency-Key": "b" })).status).toBe(202);
  });

  it("makes one job of many equal requests at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(request(), { "Idempotency-Key": "c" })),
    );
    const bodies = await Promise.all(answers.map((answer) => answer.json<{ id?: string; code?: string }>()));
    const made = new Set(bodies.flatMap((body) => body.id ?? []));
    expect(made.size).toBe(1);
    for (const { id, code } of bodies) expect(id ?? code).toBe(id ?? "idempotency_in_flight");
  });

  it.each([
    ["an offer that is no number", { offer: { max_micro: "NaN" } }, "request_invalid", "/offer/max_micro"],
    ["a deadline that is past", { deadline: "2020-01-01T00:00:00Z" }, "deadline_invalid", "/deadline"],
    ["an unknown member", { colour: "red" }, "request_invalid", "/colour"],
    ["an offer under the price", { offer: { max_micro: "0" } }, "offer_too_low", "/offer/max_micro"],
  ])("refuses %s, and points at it", async (_, changes, code, pointer) => {
    const problem = await (await post(request(changes))).json<{
      code: string;
      errors: { pointer: string }[];
    }>();
    expect(problem.code).toBe(code);
    expect(problem.errors.map((error) => error.pointer)).toContain(pointer);
  });
});

describe("POST /jobs/quote", () => {
  async function quote(changes: object): Promise<Quote> {
    const answer = await callEdge("/jobs/quote", json(request(changes), account.headers));
    return Quote.parse(await answer.json());
  }

  /** Has dispatchers know `count` runners that have passed `passed` checks and are all in these groups. */
  async function introduceFleet(count: number, passed = 0, groups: string[] = []): Promise<void> {
    for (let n = 1; n <= count; n += 1) {
      const { id } = await createTestSigner(n);
      const standing = { duty: "work", passed, groups, cores: null, ban: null } as const;
      await bucketOf(env, id).introduce(id, { ...CAPABILITY, memory_bytes: 2 ** 30 }, standing);
    }
  }

  it("prices a job, and says why nobody can take it now", async () => {
    const told = await quote({ verification: { mode: "quorum", replicas: 2 } });
    expect(told).toMatchObject({
      rows: 4,
      shards: 2,
      verification: { mode: "quorum", auditors: 1, audit_rows: 2, error_max: null },
      compute_factor: 2,
      runners_capable: 0,
      is_possible: false,
    });
    expect(told.reasons).toContain("No runner that fits is online.");
    expect(Number(told.price.quoted_micro)).toBeGreaterThan(0);
  });

  it("costs what it takes: nothing more without checks, a little with audits, twice as much with a quorum", async () => {
    const data = Array.from({ length: 400 }, () => 1);
    const input = { tensors: [{ name: "x", datatype: "FP32", shape: [200, 2], data }] };
    const factor = async (verification: object) =>
      (await quote({ input, verification, shard_rows: 100 })).compute_factor;
    expect(await factor({ mode: "none" })).toBe(1);
    expect(await factor({ mode: "audit", auditors: 1, rows_share: 0.1 })).toBeCloseTo(1.1);
    expect(await factor({ mode: "quorum", replicas: 2 })).toBe(2);
    await introduceFleet(9, 100);
    expect(await factor({ assurance: 0.9999 })).toBeCloseTo(1.15);
    expect(await factor({ assurance: 0.99 })).toBeCloseTo(1.05);
  });

  it("prices the declared time of a model that cannot be counted, and says what the work is worth", async () => {
    await registerModel("timed", { row_cost_us: 3_600_000 });
    const { price } = await quote({ model: "timed" });
    expect(price).toEqual({
      unit: "credit",
      quoted_micro: "200",
      fee_bps: 100,
      formula: PRICE_FORMULA,
      work: { kind: "declared", operations_per_row: "180000000000", micro_work_units: "720000000" },
    });
  });

  it("prices the operations that were counted, whatever time is declared", async () => {
    const file = buildOnnx({
      inputs: [{ name: "x", dims: ["n", 2] }],
      constants: [weights("w", [2, 1_000_000_000])],
      nodes: [node("MatMul", ["x", "w"], "y")],
    });
    for (const [name, row_cost_us] of [["low", 1] as const, ["high", 3_600_000_000] as const]) {
      await registerModel(name, { row_cost_us }, file);
      const { price } = await quote({ model: name });
      const work = { kind: "counted", operations_per_row: "4000000000", micro_work_units: "16000000" };
      // 4 rows of 4 x 10^9 operations: 0.32 s of a reference core, at 50,000 an hour.
      expect(price).toMatchObject({ quoted_micro: "5", work });
    }
  });

  it("adds the price of a job once, where the deployment has one", async () => {
    const priceWith = async (settings: Partial<Env>): Promise<string> => {
      const answer = await callEdge("/jobs/quote", json(request(), account.headers), settings);
      return Quote.parse(await answer.json()).price.quoted_micro;
    };
    expect(await priceWith({})).toBe("1");
    expect(await priceWith({ PRICE_MICRO_PER_JOB: "700" })).toBe("701");
    const free = { PRICE_MICRO_PER_CORE_HOUR: "0" } satisfies Partial<Env>;
    expect(await priceWith(free)).toBe("0");
    expect(await priceWith({ ...free, PRICE_MICRO_PER_JOB: "700" })).toBe("700");
  });

  it("says when runners ask for more than the job pays", async () => {
    const { id } = await createTestSigner(1);
    const asking = { ...CAPABILITY, memory_bytes: 2 ** 30, asking_micro_per_core_hour: "50001" };
    await bucketOf(env, id).introduce(id, asking, STANDING);
    expect(await quote({})).toMatchObject({
      runners_capable: 0,
      is_possible: false,
      reasons: [
        "No runner that fits is online.",
        "1 runner(s) cannot take it: The job pays 50000 micro-units for an hour of a core; this machine asks for more than the job pays.",
      ],
    });
    await bucketOf(env, id).introduce(id, { ...asking, asking_micro_per_core_hour: "50000" }, STANDING);
    expect(await quote({})).toMatchObject({ runners_capable: 1, is_possible: true, reasons: [] });
  });

  it("says how many auditors an assurance takes, when there are too few", async () => {
    await introduceFleet(2, 20);
    const told = await quote({ verification: { assurance: 0.9999 } });
    expect(told.is_possible).toBe(false);
    expect(told.reasons).toEqual([
      "An assurance of 0.9999 needs 4 auditors besides the answer's maker; 2 runners that fit are online.",
    ]);
  });

  it("says when runners share an owner or a network, so that none may check another", async () => {
    await introduceFleet(3, 20, ["one owner"]);
    const told = await quote({ verification: { mode: "audit", auditors: 1, rows_share: 0.1 } });
    expect(told).toMatchObject({ runners_capable: 3, is_possible: false });
    expect(told.reasons[0]).toContain("only 1 may check each other");
  });

  it("has work whose rows depend on each other checked whole", async () => {
    await registerModel("joined", { batch: { max: null, joint: true } });
    const told = await quote({
      model: "joined",
      verification: { mode: "audit", auditors: 1, rows_share: 0.1 },
    });
    expect(told.verification).toEqual({ mode: "quorum", auditors: 1, audit_rows: 2, error_max: null });
    expect(told.compute_factor).toBe(2);
  });
});

describe("a finished job", () => {
  it("has its result as JSON, or as the bytes that its sha256 names", async () => {
    const { id } = await submit();
    expect(await (await get(`/jobs/${id}/result`)).json()).toMatchObject({ code: "job_not_finished" });
    await work();
    await expect.poll(async () => Job.parse(await (await get(`/jobs/${id}`)).json()).state).toBe("succeeded");
    const tensors = await (await get(`/jobs/${id}/result`)).json();
    expect(tensors).toMatchObject({
      outputs: [{ name: "x", shape: [4, 2], data: [1, 2, 3, 4, 5, 6, 7, 8] }],
    });
    const binary = await get(`/jobs/${id}/result`, { Accept: BINARY_TYPE });
    const bytes = new Uint8Array(await binary.arrayBuffer());
    const job = Job.parse(await (await get(`/jobs/${id}`)).json());
    expect(await sha256(bytes)).toBe(job.result?.sha256);
    expect(decodeTensors(bytes)).toMatchObject([{ name: "x", shape: [4, 2] }]);
  });

  it.each([
    ["list", [{ x: [1, 2] }, { x: [3, 4] }, { x: [5, 6] }, { x: [7, 8] }]],
    ["sum", { outputs: [{ name: "x", datatype: "FP64", shape: [1, 2], data: [16, 20] }] }],
    ["mean", { outputs: [{ name: "x", datatype: "FP64", shape: [1, 2], data: [4, 5] }] }],
  ])("can be merged as %s", async (merge, expected) => {
    const { id } = await submit(request({ merge }));
    await work();
    await expect.poll(async () => Job.parse(await (await get(`/jobs/${id}`)).json()).state).toBe("succeeded");
    expect(await (await get(`/jobs/${id}/result`)).json()).toEqual(expected);
  });

  it("tells its events over SSE, and goes on after Last-Event-ID", async () => {
    const { id } = await submit();
    await work();
    await expect.poll(async () => Job.parse(await (await get(`/jobs/${id}`)).json()).state).toBe("succeeded");
    const whole = await (await get(`/jobs/${id}/events`)).text();
    const ids = [...whole.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq));
    expect(ids).toEqual(ids.map((_, index) => index));
    expect(whole).toMatch(/event: job\.succeeded\n.*\nid: \d+\n\n$/);
    const rest = await (await get(`/jobs/${id}/events`, { "Last-Event-ID": "1" })).text();
    expect([...rest.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq))).toEqual(ids.slice(2));
  });

  it("is listed, newest first, a page at a time", async () => {
    const jobs = [await submit(), await submit(), await submit()];
    await expect
      .poll(async () => (await (await get("/jobs")).json<{ data: unknown[] }>()).data.length)
      .toBe(jobs.length);
    const first = await get("/jobs?limit=2");
    const page = await first.json<{ data: { id: string }[]; next_cursor: string }>();
    const rest = await (await get(`/jobs?limit=2&cursor=${page.next_cursor}`)).json<typeof page>();
    expect(first.headers.get("Link")).toContain('rel="next"');
    const listed = [...page.data, ...rest.data].map(({ id }) => id);
    expect(new Set(listed)).toEqual(new Set(jobs.map(({ id }) => id)));
  });
});

describe("a runner", () => {
  it("that asks for more than a job pays gets none of it, also after the dispatcher has forgotten it", async () => {
    const engines = [
      { engine: "onnx", version: "1", execution_provider: "cpu", formats: ["onnx"], sandbox: "none" },
    ];
    const capability = { engines, memory_bytes: 2 ** 30, cpu_cores: 1, gpus: [] };
    const poll = async (): Promise<number> => {
      const answer = await runner.call("/runner/poll", json({ leases_max: 16, wait_ms: 0 }));
      return PollResponse.parse(decodeBinary(new Uint8Array(await answer.arrayBuffer()))).leases.length;
    };
    const register = (asking_micro_per_core_hour: string) =>
      runner.call(
        "/runner/register",
        json({ version: "0.1.0", capability: { ...capability, asking_micro_per_core_hour } }),
      );
    await submit();
    await register("50001");
    expect(await poll()).toBe(0);
    await bucketOf(env, runner.id).leave(runner.id);
    expect(await poll()).toBe(0);
    await register("50000");
    expect(await poll()).toBe(2);
  });

  it("that has not registered is told to", async () => {
    const answer = await runner.call("/runner/poll", json({ leases_max: 1, wait_ms: 0 }));
    expect(await answer.json()).toMatchObject({ status: 409, code: "runner_unregistered" });
  });

  it("that sends garbage is told what is wrong with it, and nothing breaks", async () => {
    const garbage = {
      method: "POST",
      body: new Uint8Array([0xff, 0]),
      headers: { "Content-Type": BINARY_TYPE },
    };
    expect(await (await runner.call("/runner/results", garbage)).json()).toMatchObject({
      code: "request_malformed",
    });
    const unfit = {
      method: "POST",
      body: encodeBinary({ results: [{}] }),
      headers: { "Content-Type": BINARY_TYPE },
    };
    expect(await (await runner.call("/runner/results", unfit)).json()).toMatchObject({
      code: "request_invalid",
    });
  });
});
