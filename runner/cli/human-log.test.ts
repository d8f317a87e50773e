import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { formatJobId, formatLeaseId, formatPartition, RunnerId } from "@infernet/schemas/ids";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunnerEvent } from "../work/runner-event.ts";
import { createHumanLog } from "./human-log.ts";

const UUID = "019aa5d0c1f07c3e8f2b6d4e5a901122";
const partition = formatPartition(1);
const lease = {
  lease_id: formatLeaseId(partition, UUID, 0),
  job_id: formatJobId(partition, UUID),
  shard: 0,
  model: Sha256.parse("a".repeat(64)),
  rows: 1_000,
};
const done: RunnerEvent = {
  event: "shard.done",
  ...lease,
  execution_class: ExecutionClass.parse("onnx/1/cpu/fp32"),
  compute_ms: 20,
  total_ms: 30,
};

describe("the log for a person", () => {
  const open = () => {
    const lines: string[] = [];
    const log = createHumanLog(
      (line) => lines.push(line),
      () => new Date(),
    );
    return { lines, log };
  };

  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  it("sums up steady work every ten seconds", () => {
    const { lines, log } = open();
    for (let now_ms = 0; now_ms <= 20_000; now_ms += 2_000) {
      vi.setSystemTime(now_ms);
      log(done);
    }
    expect(lines).toEqual(["00:00:10  computed 6 shards, 6,000 rows, 120 ms in the engine\n"]);
  });

  it("names every server of models, whatever engines there are besides, and some of its models", () => {
    const { lines, log } = open();
    const engine = { engine: "onnx", version: "1", execution_provider: "cpu", formats: ["onnx"] } as const;
    const server = { ...engine, engine: "openai", version: "ollama-0.12.3", sandbox: "none" } as const;
    const models = ["a", "b", "c", "d", "e", "f"];
    log({
      ...{ event: "started", version: "1", edge: "http://edge.example", home: "/home", missing: [] },
      ...{ id: RunnerId.parse(`run_${"a".repeat(52)}`), referee: false, metrics: null },
      capability: {
        ...{ memory_bytes: 1, cpu_cores: 1, gpus: [] },
        engines: [
          ...Array.from({ length: 6 }, () => ({ ...engine, formats: ["onnx"], sandbox: "bwrap" as const })),
          { ...server, formats: models },
          { ...server, version: "vllm-0.11.0", formats: ["qwen"] },
        ],
      },
    });
    expect(lines.filter((line) => line.includes("servers  "))).toEqual([
      "00:00:00  servers  ollama-0.12.3 with a, b, c, d, e and 1 more; vllm-0.11.0 with qwen\n",
    ]);
  });

  it("tells the last work of an idle runner, once", () => {
    const { lines, log } = open();
    log(done);
    vi.advanceTimersByTime(1_000);
    log(done);
    vi.advanceTimersByTime(2_999);
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(60_000);
    expect(lines).toEqual(["00:00:04  computed 2 shards, 2,000 rows, 40 ms in the engine\n"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("sums up at most every ten seconds, however the work comes and goes", () => {
    const { lines, log } = open();
    for (let n = 0; n < 6; n++) {
      log(done);
      vi.advanceTimersByTime(4_000);
    }
    expect(lines.map((line) => line.slice(0, 28))).toEqual([
      "00:00:03  computed 1 shard, ",
      "00:00:15  computed 3 shards,",
    ]);
  });

  it("says how many tokens were made, where any were", () => {
    const { lines, log } = open();
    const counts = { prompt_tokens: 9, cached_tokens: 0, made_tokens: 60, given_tokens: 0, refused: 0 };
    log({ ...done, rows: 1, tokens: { ...counts, tokens_per_s: 3_000 } });
    vi.advanceTimersByTime(60_000);
    expect(lines).toEqual(["00:00:03  computed 1 shard, 1 row, 60 tokens, 20 ms in the engine\n"]);
  });

  it("tells what is still untold before it stops", () => {
    const { lines, log } = open();
    log(done);
    log({ event: "stopped", shards_done: 1, shards_failed: 0, rows_done: 1_000, unsent: 2 });
    expect(lines).toEqual([
      "00:00:00  computed 1 shard, 1,000 rows, 20 ms in the engine\n",
      "00:00:00  stopped after 1 shard, 1,000 rows, 0 failed; 2 results could not be sent\n",
    ]);
  });

  it("names a failed shard and why, at once", () => {
    const { lines, log } = open();
    log({ event: "shard.failed", ...lease, code: "model_unloadable", detail: "it does not load" });
    expect(lines).toEqual([
      `00:00:00  failed shard 0 of ${lease.job_id}: it does not load (model_unloadable)\n`,
    ]);
  });

  it("ends each sentence of what stops it once, whoever wrote it", () => {
    const { lines, log } = open();
    log({ event: "fatal", code: "home_in_use", detail: "it is in use", hint: "Use another." });
    log({ event: "fatal", code: "edge_refused", detail: "The edge said no.", hint: "Look there." });
    expect(lines).toEqual([
      "00:00:00  it is in use. Use another.\n",
      "00:00:00  The edge said no. Look there.\n",
    ]);
  });

  it("is silent about answers that are as they should be", () => {
    const { lines, log } = open();
    const receipt = { lease_id: lease.lease_id, code: null, detail: null };
    log({ event: "submitted", receipts: [{ ...receipt, status: "accepted" }] });
    expect(lines).toEqual([]);
  });
});
