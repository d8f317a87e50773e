import type { Demand, DemandEntry } from "@infernet/schemas/demand";
import { Sha256 } from "@infernet/schemas/digest";
import { ModelName } from "@infernet/schemas/model";
import { MicroAmount } from "@infernet/schemas/money";
import type { Capability } from "@infernet/schemas/runner";
import { describe, expect, it } from "vitest";
import type { OwnRecord } from "../transport/edge-client.ts";
import type { Activity } from "./activity.ts";
import { explainWork } from "./explain-work.ts";
import { sampleActivity } from "./testing/sample-activity.ts";

const GIB = 1024 ** 3;
const idle: Activity = sampleActivity();
const entry = (rest: Partial<DemandEntry> = {}): DemandEntry => ({
  model: Sha256.parse("a".repeat(64)),
  name: ModelName.parse("glyphs"),
  need: { engine: "onnx", format: "onnx", memory_bytes: GIB },
  jobs: 1,
  shards_waiting: 3,
  shards_declined: 0,
  pays_micro_per_core_hour: null,
  ...rest,
});
const demandOf = (...data: DemandEntry[]): Demand => ({
  object: "demand",
  duty: "work",
  runners_seen: 5,
  runners_waiting: 2,
  shards_waiting: data.reduce((sum, { shards_waiting }) => sum + shards_waiting, 0),
  data,
});
const recordOf = (rest: Partial<OwnRecord["reputation"]> = {}): OwnRecord => ({
  capability: idle.capability,
  reputation: {
    score: 0.9,
    audits_passed: 40,
    convictions: 0,
    shards_completed: 1,
    shards_failed: 0,
    shards_expired: 0,
    is_new: false,
    ...rest,
  },
  ban: null,
});
const explain = (activity: Activity | null, demand: Demand | null, record: OwnRecord | null = recordOf()) =>
  explainWork({ activity, demand, record });

describe("why there is no work", () => {
  it("is not asked while there is some", () => {
    const [lease] = sampleActivity({ shards: 1 }).now;
    if (lease === undefined) throw new Error("no lease");
    expect(explain({ ...idle, now: [lease] }, demandOf(entry())).reasons).toEqual([]);
  });

  it("is that nothing waits", () => {
    expect(explain(idle, demandOf()).reasons).toEqual([
      "No job is waiting for runners. Machines that wait for one: 2.",
    ]);
  });

  it("is what the machine lacks, with the numbers, model by model", () => {
    const large = entry({
      name: ModelName.parse("large"),
      need: { engine: "onnx", format: "onnx", memory_bytes: 12 * GIB },
    });
    const strict = entry({ need: { engine: "wasm", format: "wasm", memory_bytes: 1, sandbox: "gvisor" } });
    const { reasons, demand } = explain(idle, demandOf(large, strict));
    expect(reasons).toEqual(["6 shards wait, and none of them fits this machine; the list says why."]);
    expect(demand.map(({ mismatches }) => mismatches)).toEqual([
      ["The job needs 12 GiB of memory; this machine offers 8 GiB."],
      ["The job needs the engine wasm; this machine has onnx."],
    ]);
  });

  it("is what it asks, when no job pays so much", () => {
    const asking: Capability = { ...idle.capability, asking_micro_per_core_hour: MicroAmount.parse("90000") };
    const pays = { min: MicroAmount.parse("50000"), max: MicroAmount.parse("70000") };
    const { demand } = explain(
      { ...idle, capability: asking },
      demandOf(entry({ pays_micro_per_core_hour: pays })),
    );
    expect(demand[0]?.mismatches?.[0]).toContain("pays 70000 micro-units");
  });

  it("is a pause, a drain, an edge that is away or a clock, before anything else", () => {
    const reasonOf = (change: Partial<Activity>): string | undefined =>
      explain({ ...idle, ...change }, demandOf(entry())).reasons[0];
    expect(reasonOf({ state: "paused", paused: { by: "battery", reason: "on battery" } })).toBe(
      "It is paused: on battery.",
    );
    expect(reasonOf({ state: "draining" })).toContain("It is stopping");
    expect(reasonOf({ state: "away", edge_trouble: "no answer" })).toContain("no answer");
    expect(reasonOf({ clock_skew_ms: 95_000 })).toContain("clock is 95 s behind");
  });

  it("is that nobody runs here, or that it is banned", () => {
    expect(explain(null, demandOf(entry())).reasons[0]).toContain("infernet-runner start");
    const ban = {
      reason: "wrong_answer" as const,
      detail: "shard 3",
      since: "2026-01-01T00:00:00Z",
      until: "2026-01-08T00:00:00Z",
      appeal_until: "2026-01-04T00:00:00Z",
      appealed: false,
    };
    expect(explain(idle, demandOf(entry()), { ...recordOf(), ban }).reasons[0]).toContain("2026-01-08");
  });

  it("is that it is new, that it did its part, or that it is a referee", () => {
    const told = (record: OwnRecord, demand: Demand) => explain(idle, demand, record).reasons;
    expect(told(recordOf({ is_new: true, audits_passed: 4 }), demandOf(entry()))).toEqual([
      "A new machine gets a small share of each job until 20 checks of its work have passed: 4 have.",
    ]);
    expect(told(recordOf(), demandOf(entry({ shards_declined: 3 })))[0]).toContain("others must check it");
    expect(told(recordOf(), { ...demandOf(entry()), duty: "disputes" })[0]).toContain("referee");
    expect(told(recordOf(), demandOf(entry()))).toEqual([
      "3 shards wait and would fit this machine: it is among those that are asked next.",
    ]);
  });

  it("is not guessed for a machine that the edge has never seen", () => {
    const { reasons, demand } = explain(null, demandOf(entry()), null);
    expect(reasons[1]).toContain("does not know this machine yet");
    expect(demand[0]?.mismatches).toBeNull();
  });
});
