import { NetworkId } from "@infernet/schemas/commitment";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { Unit } from "@infernet/schemas/ledger";
import { beforeEach, describe, expect, it } from "vitest";
import type { RunnerEvent } from "../work/runner-event.ts";
import { Activity } from "./activity.ts";
import { RunnerMonitor } from "./runner-monitor.ts";
import { sampleActivity } from "./testing/sample-activity.ts";

const sample = sampleActivity({ shards: 2 });
const leases = sample.now.map(({ since: _, ...lease }) => lease);
const [first, second] = leases as [(typeof leases)[number], (typeof leases)[number]];
const execution_class = ExecutionClass.parse("onnx/1/cpu/fp32");
const started: RunnerEvent = {
  event: "started",
  ...{ id: sample.id, version: "1", edge: "https://e", home: "/h", capability: sample.capability },
  ...{ missing: [], referee: false, metrics: null },
};
const registered: RunnerEvent = {
  event: "registered",
  network: NetworkId.parse(`net_${"A".repeat(43)}`),
  poll_wait_ms: 1,
  warnings: [],
};
const done: RunnerEvent = { event: "shard.done", ...first, execution_class, compute_ms: 5, total_ms: 6 };

describe("what a runner is at", () => {
  let now_ms: number;
  let monitor: RunnerMonitor;
  const tell = (...events: RunnerEvent[]): void => {
    for (const event of events) monitor.observe(event);
  };
  const read = (): Activity => Activity.parse(monitor.read());

  beforeEach(() => {
    now_ms = Date.parse("2026-01-01T00:00:00Z");
    monitor = new RunnerMonitor(() => new Date(now_ms));
  });

  it("is not known before it has started", () => {
    expect(monitor.read()).toBeNull();
  });

  it("follows from what it tells", () => {
    const states: string[] = [];
    const steps: RunnerEvent[] = [
      started,
      registered,
      { event: "leased", leases },
      done,
      { event: "edge.unreachable", detail: "no answer" },
      { event: "edge.back" },
      { event: "paused", by: "battery", reason: "on battery" },
      { event: "resumed", paused_ms: 1 },
      { event: "shard.lost", ...second },
      { event: "draining", leases: 0, grace_ms: 1 },
      { event: "stopped", shards_done: 1, shards_failed: 0, rows_done: 10, unsent: 0 },
    ];
    for (const step of steps) {
      tell(step);
      states.push(read().state);
    }
    expect(states).toEqual([
      ...["starting", "waiting", "working", "working", "away", "working"],
      ...["paused", "working", "waiting", "draining", "stopped"],
    ]);
  });

  it("counts what was done, what failed and why, and what is in hand", () => {
    tell(started, registered, { event: "leased", leases }, done);
    tell({ event: "shard.failed", ...second, code: "engine_crashed", detail: "" });
    tell({ event: "model.loaded", model: first.model, execution_class, load_ms: 1 });
    expect(read()).toMatchObject({
      shards_done: 1,
      rows_done: 10,
      compute_ms: 5,
      failed: { engine_crashed: 1 },
      now: [],
      models: [{ model: first.model, execution_class }],
    });
    tell({ event: "model.unloaded", model: first.model });
    expect(read().models).toEqual([]);
  });

  it("counts tokens that were made here, and has their pace", () => {
    const made = { made_tokens: 60, given_tokens: 4, tokens_per_s: 100, refused: 0 };
    const tokens = { prompt_tokens: 9, cached_tokens: 0, ...made };
    tell(started, registered, { event: "leased", leases }, { ...done, tokens });
    expect(read()).toMatchObject({ tokens_made: 60, tokens_per_second: 6 });
  });

  it("has the capability that is told last", () => {
    const capability = { ...sample.capability, cpu_cores: 1 };
    tell(started, registered, { event: "offers.changed", capability });
    expect(read().capability.cpu_cores).toBe(1);
  });

  it("is away while the edge refuses it, and no longer when it does not say so again", () => {
    const refused: RunnerEvent = { event: "edge.refused", status: 503, code: null, detail: "later" };
    tell(started, registered, refused);
    now_ms += 15_000;
    expect(read()).toMatchObject({ state: "away", edge_trouble: "later" });
    tell(refused);
    now_ms += 15_000;
    expect(read().state).toBe("away");
    now_ms += 5_000;
    expect(read()).toMatchObject({ state: "waiting", edge_trouble: null });
  });

  it("has the pace of the last ten seconds", () => {
    tell(started, registered, { event: "leased", leases }, done);
    expect(read().rows_per_second).toBe(1);
    now_ms += 10_001;
    expect(read().rows_per_second).toBe(0);
  });

  it("tells of each peer's aggregator what it got and how it is, and what the edge is at apart from that", () => {
    const aggregator = NetworkId.parse(`net_${"B".repeat(42)}A`);
    const unit = Unit.parse("credit");
    const terms = { pay: "priced", unit, micro_per_core_hour: "5" } as const;
    tell(started, registered);
    tell({ event: "aggregator.joined", aggregator, name: "den", peer: sample.id, terms });
    expect(read().aggregators).toMatchObject([{ name: "den", state: "starting", pays: { unit: "credit" } }]);
    tell({ ...registered, aggregator }, { event: "leased", leases: [first], aggregator });
    tell({ ...done, aggregator }, { event: "edge.unreachable", detail: "gone", aggregator });
    expect(read()).toMatchObject({ state: "waiting", edge_trouble: null, shards_done: 1, compute_ms: 5 });
    const got = { shards_done: 1, rows_done: first.rows, compute_ms: 5 };
    expect(read().aggregators).toMatchObject([{ state: "away", trouble: "gone", ...got }]);
    tell({ event: "aggregator.left", aggregator, name: "den", detail: "gone" });
    expect(read().aggregators).toEqual([]);
  });

  it("keeps apart leases of two aggregators that give them the same name", () => {
    const aggregator = NetworkId.parse(`net_${"B".repeat(42)}A`);
    tell(started, registered, { event: "leased", leases: [first] });
    tell({ event: "leased", leases: [first], aggregator });
    expect(read().now).toHaveLength(2);
    tell({ ...done, aggregator });
    expect(read().now).toHaveLength(1);
  });

  it("is waiting where it has no edge, and nobody to work for yet", () => {
    tell({ ...started, edge: null });
    expect(read()).toMatchObject({ state: "waiting", edge: null });
  });
});
