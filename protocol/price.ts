import { createMicro, type Micro } from "@infernet/schemas/money";

/** Shown with every quote. */
export const PRICE_FORMULA =
  "rows x compute_factor x row_cost_us x micro_per_core_hour / 3,600,000,000, rounded up";

const MICROSECONDS_PER_HOUR = 3_600_000_000n;

interface Priced {
  rows: number;
  /** The manifest's expected time of one row on one core, in microseconds. */
  row_cost_us: number;
  /** Rows computed for each row delivered: 1 and the checks. */
  compute_factor: number;
  micro_per_core_hour: bigint;
}

/** What a job costs: the core time that its manifest declares, at the deployment's rate. In micro-units, rounded up. */
export function quotePrice({ rows, row_cost_us, compute_factor, micro_per_core_hour }: Priced): Micro {
  const core_us = BigInt(Math.ceil(rows * compute_factor)) * BigInt(row_cost_us);
  return createMicro((core_us * micro_per_core_hour + MICROSECONDS_PER_HOUR - 1n) / MICROSECONDS_PER_HOUR);
}
