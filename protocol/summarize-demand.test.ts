import { Sha256 } from "@infernet/schemas/digest";
import { ModelName } from "@infernet/schemas/model";
import { MicroAmount } from "@infernet/schemas/money";
import { describe, expect, it } from "vitest";
import { summarizeDemand, type WaitingJob } from "./summarize-demand.ts";
import { sampleJob } from "./testing/sample-ids.ts";

const digest = (digit: string): Sha256 => Sha256.parse(digit.repeat(64));
const need = { engine: "onnx", format: "onnx", memory_bytes: 1_000 } as const;
const waiting = (job: number, ready: number, rest: Partial<WaitingJob> = {}): WaitingJob => ({
  job_id: sampleJob(job),
  model: { digest: digest("a"), name: ModelName.parse("glyphs") },
  need,
  ready,
  isDeclined: false,
  ...rest,
});
const pays = (amount: string) => ({ ...need, micro_per_core_hour: MicroAmount.parse(amount) });

describe("what waits for runners", () => {
  it("is summed up by model and need, the most first", () => {
    const other = { digest: digest("b"), name: null };
    const entries = summarizeDemand([
      waiting(1, 3),
      waiting(2, 4),
      waiting(3, 9, { model: other }),
      waiting(4, 1, { need: { ...need, memory_bytes: 2_000 } }),
    ]);
    expect(entries.map(({ model, jobs, shards_waiting }) => [model[0], jobs, shards_waiting])).toEqual([
      ["b", 1, 9],
      ["a", 2, 7],
      ["a", 1, 1],
    ]);
    expect(entries[1]).toMatchObject({ name: "glyphs", need });
  });

  it("counts a job once, however many dispatchers know it", () => {
    const [entry] = summarizeDemand([
      waiting(1, 3),
      waiting(1, 5),
      waiting(1, 4, { isDeclined: true }),
      waiting(2, 1),
    ]);
    expect(entry).toMatchObject({ jobs: 2, shards_waiting: 6, shards_declined: 5 });
  });

  it("says what jobs pay, from the least to the most, and nothing where none says", () => {
    const [entry] = summarizeDemand([
      waiting(1, 1, { need: pays("90") }),
      waiting(2, 1, { need: pays("100") }),
      waiting(3, 1),
    ]);
    expect(entry?.pays_micro_per_core_hour).toEqual({ min: "90", max: "100" });
    expect(summarizeDemand([waiting(1, 1)])[0]?.pays_micro_per_core_hour).toBeNull();
  });

  it("leaves out jobs that have nothing for anybody now, and tells no job", () => {
    expect(summarizeDemand([waiting(1, 0)])).toEqual([]);
    expect(JSON.stringify(summarizeDemand([waiting(1, 1)]))).not.toContain("job_");
  });
});
