import { pricedOperations, pricedRows } from "@infernet/protocol/price";
import type { Model } from "@infernet/schemas/model";
import { type GenerationPlan, pricedUnits } from "./plan-generation.ts";

/** What a job's work is priced at. */
export interface JobWork {
  /** Rows that the quote pays for, checks included; of generated text units of tokens. */
  priced_rows: number;
  /** Operations that each of them is priced at. */
  operations_per_row: bigint;
  /** Work for each row delivered, checks included, as a multiple of making it once. */
  compute_factor: number;
  /** Time of one row on a reference core, in microseconds. */
  row_cost_us: number;
}

/** @param rows_factor rows computed for each row delivered: 1 and the checks */
export function weighWork(
  { model, rows, generation }: { model: Model; rows: number; generation: GenerationPlan | null },
  rows_factor: number,
): JobWork {
  if (generation !== null) {
    const priced_rows = pricedUnits(generation, rows_factor - 1);
    return {
      priced_rows,
      operations_per_row: generation.operations_per_unit,
      compute_factor: priced_rows / Math.max(1, generation.units.made),
      row_cost_us: generation.row_cost_us,
    };
  }
  const { row_cost_us } = model.manifest;
  return {
    priced_rows: pricedRows(rows, rows_factor),
    operations_per_row: pricedOperations(model.work, row_cost_us),
    compute_factor: rows_factor,
    row_cost_us,
  };
}
