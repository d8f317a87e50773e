import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { NetworkId } from "@infernet/schemas/commitment";
import { type Bytes, type Sha256, sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { ModelManifest } from "@infernet/schemas/model";
import type { Lease, ShardResult } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEchoEngine } from "./engine/echo-engine.ts";
import { createRunner, type Runner, type RunnerOptions } from "./runner.ts";
import { checkResult } from "./transport/check-result.ts";
import { EdgeRefusal, EdgeUnreachable } from "./transport/edge-error.ts";
import { MemoryEdge } from "./transport/memory-edge.ts";
import type { RunnerEvent } from "./work/runner-event.ts";

const bytesOf = (text: string): Bytes => new TextEncoder().encode(text);

describe("a runner", () => {
  let home: string;
  let edge: MemoryEdge;
  let events: RunnerEvent[];
  let runner: Runner;
  let echoManifest: ModelManifest;
  let ended: Promise<void>;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-runner-"));
    edge = new MemoryEdge();
    events = [];
  });
  afterEach(async () => {
    runner?.kill();
    await ended;
    await rm(home, { recursive: true, force: true });
  });

  const start = async (drain_ms_max = 20_000, options: Partial<RunnerOptions> = {}): Promise<void> => {
    runner = await createRunner({
      edge: "memory:",
      home,
      engines: [createEchoEngine()],
      log: (event) => events.push(event),
      connect: ({ id }) => {
        edge.runner_id = id;
        return edge;
      },
      drain_ms_max,
      ...options,
    });
    ended = runner.run();
  };

  /** An echo of rows of two bytes. */
  const echoModel = async (row_ms = 0, datatype: "UINT8" | "BYTES" = "UINT8"): Promise<Sha256> => {
    const file = bytesOf(JSON.stringify({ echo: ["x"], row_ms }));
    const shape = datatype === "BYTES" ? [null] : [null, 2];
    echoManifest = ModelManifest.parse({
      engine: "onnx",
      entry: "model.onnx",
      files: [{ path: "model.onnx", sha256: await sha256(file), bytes: file.length }],
      inputs: [{ name: "x", datatype, shape }],
      outputs: [{ name: "y", datatype, shape }],
    });
    return edge.addModel(echoManifest, [file]);
  };

  const inline = (...data: number[]): Tensor => ({
    name: "x",
    datatype: "UINT8",
    shape: [data.length / 2, 2],
    data: Uint8Array.from(data),
  });
  const offerRow = (model: Sha256, change: Partial<Lease> = {}): Lease =>
    edge.offer({ model, rows: [{ start: 0, count: 1 }], inputs: [inline(1, 2)], ...change });
  const results = (count: number): Promise<ShardResult[]> =>
    expect
      .poll(() => edge.results, { timeout: 4_000 })
      .toHaveLength(count)
      .then(() => edge.results);
  const logged = (name: RunnerEvent["event"]): RunnerEvent[] => events.filter(({ event }) => event === name);
  const dataOf = (result: ShardResult | undefined): number[] => {
    if (result?.outcome !== "done" || typeof result.outputs === "string")
      throw new Error("no inline outputs");
    return result.outputs.flatMap(({ data }) => [...data]);
  };

  /** What lies in its home, but for what it remembers of the machine. */
  const atHome = async (): Promise<string[]> =>
    (await readdir(home))
      .filter((name) => !["hardware.json", "network.json", "benchmarks.json", "manifests"].includes(name))
      .sort();

  it("computes the rows of a lease and submits them", async () => {
    const lease = offerRow(await echoModel());
    await start();
    const [result] = await results(1);
    expect(result).toMatchObject({
      lease_id: lease.id,
      outcome: "done",
      execution_class: "onnx/echo/cpu/none",
    });
    expect(dataOf(result)).toEqual([1, 2]);
    await expect
      .poll(() => events.map(({ event }) => event))
      .toEqual([
        "started",
        "registered",
        "leased",
        "blob.fetched",
        "model.loaded",
        "shard.done",
        "submitted",
      ]);
  });

  it("cuts its rows from the job's blob, which it fetches once", async () => {
    const model = await echoModel();
    const blob = await edge.addBlob(Uint8Array.from({ length: 20 }, (_, i) => i));
    const inputs: Lease["inputs"] = [{ name: "x", datatype: "UINT8", shape: [10, 2], blob }];
    edge.offer({ model, rows: [{ start: 3, count: 2 }], inputs });
    edge.offer({ model, rows: [{ start: 9, count: 1 }], inputs });
    await start();
    const found = await results(2);
    // Whichever shard is done first comes first.
    expect(found.map(dataOf).toSorted()).toEqual([
      [18, 19],
      [6, 7, 8, 9],
    ]);
    expect(edge.fetched.filter((digest) => digest === blob)).toHaveLength(1);
  });

  it("cuts rows of BYTES from a blob by their lengths", async () => {
    const model = await echoModel(0, "BYTES");
    const blob = await edge.addBlob(joinBytes(["a", "bcd", ""].map(bytesOf)));
    edge.offer({
      model,
      rows: [{ start: 1, count: 2 }],
      inputs: [{ name: "x", datatype: "BYTES", shape: [3], blob }],
    });
    await start();
    const [result] = await results(1);
    expect(dataOf(result)).toEqual([...joinBytes(["bcd", ""].map(bytesOf))]);
  });

  it("computes several ranges of rows in their order, whether near each other or far apart", async () => {
    const model = await echoModel();
    const rows = 200_000;
    const blob = await edge.addBlob(Uint8Array.from({ length: rows * 2 }, (_, i) => (i >> 1) % 251));
    const ranges = [
      { start: 3, count: 1 },
      { start: 7, count: 2 },
      { start: 150_000, count: 1 },
    ];
    edge.offer({ model, rows: ranges, inputs: [{ name: "x", datatype: "UINT8", shape: [rows, 2], blob }] });
    await start();
    const [result] = await results(1);
    const expected = [3, 7, 8, 150_000].map((row) => row % 251);
    expect(dataOf(result)).toEqual(expected.flatMap((value) => [value, value]));
  });

  it("computes several ranges of rows of BYTES, and rows that come gathered as they are", async () => {
    const words = ["a", "bcd", "", "ef", "g"].map(bytesOf);
    const ranges = [
      { start: 0, count: 1 },
      { start: 3, count: 2 },
    ];
    const model = await echoModel(0, "BYTES");
    const blob = await edge.addBlob(joinBytes(words));
    edge.offer({ model, rows: ranges, inputs: [{ name: "x", datatype: "BYTES", shape: [5], blob }] });
    edge.offer({ model: await echoModel(), rows: ranges, inputs: [inline(1, 2, 3, 4, 5, 6)] });
    await start();
    const found = (await results(2)).map(dataOf);
    expect(found).toContainEqual([...joinBytes(["a", "ef", "g"].map(bytesOf))]);
    expect(found).toContainEqual([1, 2, 3, 4, 5, 6]);
  });

  it("signs for a lease once, though the edge gives it again with another input", async () => {
    const model = await echoModel();
    const first = offerRow(model);
    await start();
    await results(1);
    edge.offer({ ...first, inputs: [inline(9, 9)] });
    const other = offerRow(model);
    const found = await results(2);
    expect(found.map(({ lease_id }) => lease_id)).toEqual([first.id, other.id]);
    runner.drain();
    await ended;
    edge.offer({ ...first, inputs: [inline(9, 9)] });
    const last = offerRow(model);
    await start();
    expect((await results(3)).at(-1)?.lease_id).toBe(last.id);
  });

  it("signs what its rows came to, for the network that it is registered with now", async () => {
    const model = await echoModel();
    edge.intercept("poll", async () => {
      edge.network = NetworkId.parse(`net_${"B".repeat(42)}A`);
      throw new EdgeRefusal("who are you?", 409, "runner_unregistered");
    });
    const lease = offerRow(model);
    await start();
    const [result] = await results(1);
    if (result?.outcome !== "done") throw new Error("not done");
    const committed = [result.root, result.leaf_rows, result.signature];
    expect(committed).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), 1, expect.any(String)]);
    const origin = { runner: edge.runner_id, lease, manifest: echoManifest, blob: undefined };
    await expect(checkResult(result, { ...origin, network: edge.network })).resolves.toBeUndefined();
    const elsewhere = NetworkId.parse(`net_${"A".repeat(43)}`);
    await expect(checkResult(result, { ...origin, network: elsewhere })).rejects.toMatchObject({
      code: "commitment_mismatch",
    });
  });

  it("says who runs it, where its earnings go and that it offers to be a referee", async () => {
    await start(20_000, { owner: "ada", payout: "wallet 1", referee: true });
    await expect
      .poll(() => edge.registered)
      .toMatchObject([{ owner: "ada", payout: "wallet 1", referee: true }]);
    expect(logged("started")).toMatchObject([{ referee: true }]);
  });

  it("uploads an output that is too large for a submission and submits its digest", async () => {
    const model = await echoModel();
    const rows = 600_000;
    const data = new Uint8Array(rows * 2).fill(7);
    edge.offer({
      model,
      rows: [{ start: 0, count: rows }],
      inputs: [{ name: "x", datatype: "UINT8", shape: [rows, 2], data }],
    });
    await start();
    const [result] = await results(1);
    if (result?.outcome !== "done" || typeof result.outputs !== "string") throw new Error("not a digest");
    const [output] = decodeTensors(edge.blobs.get(result.outputs) ?? new Uint8Array());
    expect(output).toMatchObject({ name: "y", shape: [rows, 2] });
  });

  it("holds several leases, and asks for more when half of them are used up", async () => {
    const model = await echoModel(10_000);
    for (let i = 0; i < 8; i++) offerRow(model);
    await start();
    await expect.poll(() => logged("leased")).toHaveLength(1);
    expect(logged("leased")).toMatchObject([{ leases: { length: 4 } }]);
    expect(edge.polls).toEqual([{ leases_max: 4, wait_ms: 25_000 }]);
  });

  it("submits what it finished of a job in one when it has nothing more of it to compute", async () => {
    const model = await echoModel();
    for (let i = 0; i < 4; i++) offerRow(model);
    await start();
    await results(4);
    expect(edge.submissions.map((submission) => submission.results.length)).toEqual([4]);
  });

  it("does not keep a result for as long as the next shard of the job takes", async () => {
    const model = await echoModel(50);
    const short = offerRow(model);
    const rows = 1_000;
    offerRow(model, { rows: [{ start: 0, count: rows }], inputs: [inline(...new Array(rows * 2).fill(0))] });
    await start();
    expect(await results(1)).toMatchObject([{ lease_id: short.id, outcome: "done" }]);
    expect(logged("shard.done")).toHaveLength(1);
  });

  it("renews what it holds and stops working on what the edge has taken back", async () => {
    const model = await echoModel(10_000);
    const [lost, kept] = [offerRow(model, { lease_ms: 60 }), offerRow(model, { lease_ms: 60 })];
    await start();
    await expect.poll(() => edge.heartbeats.at(-1)?.leases).toHaveLength(2);
    edge.lost.add(lost.id);
    await expect.poll(() => logged("shard.lost")).toMatchObject([{ lease_id: lost.id }]);
    await expect
      .poll(() => edge.heartbeats.at(-1)?.leases)
      .toEqual([{ lease_id: kept.id, job_id: kept.job_id }]);
    expect(edge.results).toEqual([]);
  });

  it("goes on when heartbeats do not arrive", async () => {
    const model = await echoModel(150);
    edge.intercept("heartbeat", async () => {
      throw new EdgeUnreachable("no answer");
    });
    offerRow(model, { lease_ms: 60 });
    await start();
    await results(1);
    expect(edge.heartbeats.length).toBeGreaterThan(0);
  });

  it("submits again after a lost acknowledgement and takes `duplicate` for an answer", async () => {
    const model = await echoModel();
    edge.intercept("submit", async (proceed) => {
      await proceed();
      throw new EdgeRefusal("the answer was lost", 409, "runner_unregistered");
    });
    offerRow(model);
    await start();
    await expect.poll(() => logged("submitted")).toMatchObject([{ receipts: [{ status: "duplicate" }] }]);
    expect(edge.submissions).toHaveLength(2);
  });

  it("registers again with an edge that has forgotten it", async () => {
    const model = await echoModel();
    edge.intercept("poll", async () => {
      throw new EdgeRefusal("who are you?", 409, "runner_unregistered");
    });
    offerRow(model);
    await start();
    await results(1);
    expect(edge.registered).toHaveLength(2);
  });

  it("does not let one result that the edge cannot take hold back the others", async () => {
    const model = await echoModel();
    for (let i = 0; i < 2; i++) {
      edge.intercept("submit", async () => {
        throw new EdgeRefusal("too large", 413, "body_too_large");
      });
    }
    for (let i = 0; i < 2; i++) offerRow(model);
    await start();
    await expect
      .poll(() => logged("submitted"))
      .toMatchObject([{ receipts: [{ status: "refused", code: "body_too_large" }, { status: "accepted" }] }]);
  });

  it.each([
    ["whose model is not known", "fetch_failed", async () => offerRow(await sha256(bytesOf("unknown")))],
    [
      "whose input blob is gone",
      "fetch_failed",
      async () => {
        const blob = await sha256(bytesOf("gone"));
        const inputs: Lease["inputs"] = [{ name: "x", datatype: "UINT8", shape: [1, 2], blob }];
        return offerRow(await echoModel(), { inputs });
      },
    ],
    [
      "whose input blob has another size than its shape",
      "input_mismatch",
      async () => {
        const blob = await edge.addBlob(bytesOf("abc"));
        const inputs: Lease["inputs"] = [{ name: "x", datatype: "UINT8", shape: [1, 2], blob }];
        return offerRow(await echoModel(), { inputs });
      },
    ],
    [
      "whose rows are not all in the blob",
      "input_mismatch",
      async () => {
        const blob = await edge.addBlob(bytesOf("ab"));
        const inputs: Lease["inputs"] = [{ name: "x", datatype: "UINT8", shape: [1, 2], blob }];
        return offerRow(await echoModel(), { inputs, rows: [{ start: 1, count: 1 }] });
      },
    ],
    [
      "whose ranges of rows overlap",
      "input_mismatch",
      async () => {
        const blob = await edge.addBlob(bytesOf("abcd"));
        const inputs: Lease["inputs"] = [{ name: "x", datatype: "UINT8", shape: [2, 2], blob }];
        const rows = [
          { start: 0, count: 2 },
          { start: 1, count: 1 },
        ];
        return offerRow(await echoModel(), { inputs, rows });
      },
    ],
    [
      "whose inline rows are fewer than it names",
      "input_mismatch",
      async () => offerRow(await echoModel(), { rows: [{ start: 0, count: 2 }] }),
    ],
    [
      "whose model does not load",
      "model_unloadable",
      async () => {
        const file = bytesOf("not a model");
        const spec = { name: "x", datatype: "UINT8", shape: [null, 2] };
        const files = [{ path: "m", sha256: await sha256(file), bytes: file.length }];
        const manifest = ModelManifest.parse({
          engine: "onnx",
          entry: "m",
          files,
          inputs: [spec],
          outputs: [spec],
        });
        return offerRow(await edge.addModel(manifest, [file]));
      },
    ],
    [
      "whose engine does not end before the job's deadline",
      "engine_timeout",
      async () => offerRow(await echoModel(10_000), { deadline_ms: Date.now() + 50 }),
    ],
  ])("says why it failed a shard %s and goes on", async (_, code, offer) => {
    const failed = await offer();
    offerRow(await echoModel());
    await start();
    const found = await results(2);
    expect(found.find(({ lease_id }) => lease_id === failed.id)).toMatchObject({ outcome: "failed", code });
    expect(found.find(({ lease_id }) => lease_id !== failed.id)).toMatchObject({ outcome: "done" });
  });

  it("goes by the edge's clock", async () => {
    edge.clock_ahead_ms = -3_600_000;
    const model = await echoModel();
    offerRow(model, { deadline_ms: Date.now() - 1_800_000 });
    await start();
    const [result] = await results(1);
    expect(result?.outcome).toBe("done");
  });

  it("keeps results while the edge is away and submits them when it is back", async () => {
    const model = await echoModel();
    const back = Promise.withResolvers<void>();
    edge.intercept("submit", () => back.promise);
    offerRow(model);
    offerRow(model);
    await start();
    await expect.poll(() => logged("shard.done")).toHaveLength(2);
    back.resolve();
    await results(2);
  });

  it("when drained, finishes what the engine has, hands back the rest, and ends", async () => {
    const model = await echoModel(100);
    for (let i = 0; i < 4; i++) offerRow(model);
    await start();
    await expect.poll(() => logged("model.loaded")).toHaveLength(1);
    runner.drain();
    await ended;
    expect(edge.results.map(({ outcome }) => outcome).sort()).toEqual([
      "done",
      "done",
      "done",
      "handed_back",
    ]);
    expect(events.at(-1)).toEqual({
      event: "stopped",
      shards_done: 3,
      shards_failed: 0,
      rows_done: 3,
      unsent: 0,
    });
  });

  it("when drained, says that it goes before it hands anything back", async () => {
    const model = await echoModel(60_000);
    offerRow(model);
    await start(50);
    await expect.poll(() => logged("model.loaded")).toHaveLength(1);
    edge.intercept("leave", async (proceed) => {
      expect(edge.results).toEqual([]);
      await proceed();
    });
    runner.drain();
    await ended;
    expect(edge.hasLeft).toBe(true);
    expect(edge.results).toMatchObject([{ outcome: "handed_back" }]);
  });

  it("when the grace is over, hands back what the engine has not finished", async () => {
    const model = await echoModel(60_000);
    offerRow(model);
    await start(50);
    await expect.poll(() => logged("model.loaded")).toHaveLength(1);
    runner.drain();
    await ended;
    expect(edge.results).toMatchObject([{ outcome: "handed_back" }]);
  });

  it("frees its home when it has ended and keeps its identity and cache", async () => {
    offerRow(await echoModel());
    await start();
    await results(1);
    const { id } = runner;
    runner.drain();
    await ended;
    expect(await atHome()).toEqual(["cache", "identity.key", "models", "sealing.key", "signed-leases"]);
    expect(await readdir(join(home, "models"))).toEqual([]);
    await start();
    expect(runner.id).toBe(id);
  });

  const ban = {
    reason: "wrong_answer",
    detail: "shard 3 of a job",
    since: "2026-01-01T00:00:00Z",
    until: "2026-01-08T00:00:00Z",
    appeal_until: "2026-01-04T00:00:00Z",
    appealed: false,
  } as const;

  it("ends when it is banned in the middle of its work, and says why and until when", async () => {
    offerRow(await echoModel(60_000));
    await start();
    await expect.poll(() => logged("model.loaded")).toHaveLength(1);
    edge.banish(ban);
    await expect(ended).rejects.toMatchObject({
      code: "banned",
      message:
        "by memory:, this runner is banned until 2026-01-08T00:00:00Z: an answer of it was found wrong (shard 3 of a job); objections are heard until 2026-01-04T00:00:00Z",
    });
    expect(edge.results).toEqual([]);
    expect(await atHome()).toEqual(["cache", "identity.key", "models", "sealing.key"]);
    ended = Promise.resolve();
  });

  it("is not let in while it is banned, with what the edge said where it has no record of it", async () => {
    edge.intercept("getBan", async () => {
      throw new EdgeUnreachable("no answer");
    });
    edge.banish({ ...ban, until: null });
    await start();
    await expect(ended).rejects.toMatchObject({
      code: "banned",
      message: "by memory:, this runner is banned",
    });
    ended = Promise.resolve();
  });

  it("learns of its ban from a submission too", async () => {
    const model = await echoModel();
    edge.intercept("submit", async (proceed) => {
      edge.banish(ban);
      await proceed();
    });
    offerRow(model);
    await start();
    await expect(ended).rejects.toMatchObject({ code: "banned" });
    ended = Promise.resolve();
  });

  it("ends with the edge's reason when it is refused at the start", async () => {
    edge.intercept("register", async () => {
      throw new EdgeRefusal("POST /runner/register: no", 401, "signature_invalid");
    });
    await start();
    await expect(ended).rejects.toMatchObject({
      code: "edge_refused",
      message: expect.stringContaining("no"),
    });
    ended = Promise.resolve();
    await start();
  });

  it("takes no leases while it is paused, finishes those in hand, and goes on when it may", async () => {
    const model = await echoModel(300);
    offerRow(model);
    await start();
    await expect.poll(() => logged("model.loaded")).toHaveLength(1);
    runner.pause("command", "by hand");
    runner.pause("command", "again");
    await results(1);
    offerRow(model);
    await expect.poll(() => logged("submitted")).toHaveLength(1);
    expect(logged("paused")).toMatchObject([{ by: "command", reason: "by hand" }]);
    const polls = edge.polls.length;
    expect(logged("leased")).toHaveLength(1);
    runner.resume();
    await results(2);
    expect(edge.polls.length).toBeGreaterThan(polls);
    expect(logged("resumed")).toHaveLength(1);
  });

  it("ends in order while it is paused", async () => {
    await start();
    await expect.poll(() => edge.polls).toHaveLength(1);
    runner.pause("command", "by hand");
    await expect.poll(() => edge.hasLeft).toBe(true);
    runner.drain();
    await ended;
    expect(logged("stopped")).toHaveLength(1);
  });

  it("says once that its clock is wrong, and that it is right again", async () => {
    edge.clock_ahead_ms = LIMITS.runner_clock_skew_ms_max + 2_000;
    const model = await echoModel();
    await start();
    await expect.poll(() => logged("clock.skewed")).toHaveLength(1);
    offerRow(model);
    await results(1);
    expect(logged("clock.skewed")).toHaveLength(1);
    edge.clock_ahead_ms = 0;
    offerRow(model);
    await results(2);
    expect(logged("clock.right")).toHaveLength(1);
  });

  it.each([
    ["behind", 95_000],
    ["ahead of", -95_000],
  ])("names its clock when the edge refuses its signatures: %s", async (side, ahead_ms) => {
    edge.clock_ahead_ms = ahead_ms;
    edge.intercept("register", async () => {
      throw new EdgeRefusal("POST /runner/register: too old", 401, "signature_invalid");
    });
    await start();
    await expect(ended).rejects.toMatchObject({
      code: "clock_wrong",
      message: `this machine's clock is 95 s ${side} that of memory:; it refuses requests whose time is more than 60 s from its own`,
    });
    ended = Promise.resolve();
    await start();
  });

  it("asks the edge anew when it has stood still, and what it still holds, and goes on", async () => {
    const model = await echoModel(600);
    const held = offerRow(model);
    await start(20_000, { gap_ms_min: 200 });
    await expect.poll(() => logged("model.loaded")).toHaveLength(1);
    const until_ms = performance.now() + 500;
    while (performance.now() < until_ms);
    await expect.poll(() => logged("woke")).toHaveLength(1);
    await expect.poll(() => edge.registered.length).toBeGreaterThan(1);
    await expect
      .poll(() => edge.heartbeats[0])
      .toEqual({ leases: [{ lease_id: held.id, job_id: held.job_id }] });
    offerRow(model);
    await results(2);
  });

  it("offers no more of the machine than its owner gives", async () => {
    await start(20_000, { limits: { cores: 1, memory_share: 0.5 } });
    await expect.poll(() => edge.registered).toHaveLength(1);
    const { memory_bytes, cpu_cores } = edge.registered[0]?.capability ?? { memory_bytes: 0, cpu_cores: 0 };
    expect([memory_bytes, cpu_cores]).toEqual([Math.floor(totalmem() / 2), 1]);
  });

  it("refuses a home in which another runner lives", async () => {
    await start();
    await expect(
      createRunner({ edge: "memory:", home, engines: [], log: () => undefined }),
    ).rejects.toMatchObject({ code: "home_in_use" });
  });
});
