import { compareRows, type RowComparison } from "@infernet/protocol/compare";
import { tolerancesFor } from "@infernet/protocol/compare-tolerances";
import type { Calibration } from "@infernet/schemas/calibration";
import type { HonestRun } from "./honest-runs.ts";

type Output = Pick<HonestRun, "execution_class" | "tensors">;

/** Two outputs as the edge compares them. */
export const compareRuns = (a: Output, b: Output, calibration: Calibration | null = null): RowComparison =>
  compareRows(a.tensors, b.tensors, (datatype) =>
    tolerancesFor(calibration, a.execution_class, b.execution_class, datatype),
  );

/** Each two of a list, once. */
export const pairsOf = <T>(list: readonly T[]): [T, T][] =>
  list.flatMap((a, i) => list.slice(i + 1).map((b): [T, T] => [a, b]));
