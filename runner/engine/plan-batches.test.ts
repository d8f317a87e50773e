import { LIMITS } from "@infernet/schemas/limits";
import type { TensorSpec } from "@infernet/schemas/tensor";
import { describe, expect, it } from "vitest";
import { batchRows, planBatches } from "./plan-batches.ts";

const spec = (elements: number): TensorSpec[] => [{ name: "x", datatype: "FP32", shape: [null, elements] }];

describe("batches", () => {
  it("cover all rows in order, the last with what is left", () => {
    expect(planBatches(5, 2)).toEqual([
      { start: 0, count: 2 },
      { start: 2, count: 2 },
      { start: 4, count: 1 },
    ]);
  });

  it("hold as many rows as fit the core's cache once widened", () => {
    expect(batchRows(spec(4_096), null)).toBe(LIMITS.engine_batch_bytes_max / (4_096 * 4));
  });

  it("hold at least one row, however large", () => {
    expect(batchRows(spec(10_000_000), null)).toBe(1);
  });

  it("hold no more rows than are useful, or than the manifest allows", () => {
    expect(batchRows(spec(1), null)).toBe(LIMITS.engine_batch_rows_max);
    expect(batchRows(spec(1), 7)).toBe(7);
  });
});
