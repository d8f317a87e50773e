import { createMicro, type Micro } from "@infernet/schemas/money";

/** Shown with every quote. */
export const PRICE_FORMULA =
  "rows x compute_factor x row_cost_us x micro_per_core_hour / 3,600,000,000, rounded up";

const MICROSECONDS_PER_HOUR = 3_600_000_000n;

/** Rows that a quote pays for. @param compute_factor rows computed for each row delivered: 1 and the checks */
export const pricedRows = (rows: number, compute_factor: number): number => Math.ceil(rows * compute_factor);

interface Priced {
  /** Rows that the quote pays for, checks included. */
  priced_rows: number;
  /** The manifest's expected time of one row on one core, in microseconds. */
  row_cost_us: number;
  micro_per_core_hour: bigint;
}

/** What a job costs: the core time that its manifest declares, at the deployment's rate. In micro-units, rounded up. */
export function quotePrice({ priced_rows, row_cost_us, micro_per_core_hour }: Priced): Micro {
  const core_us = BigInt(priced_rows) * BigInt(row_cost_us);
  return createMicro((core_us * micro_per_core_hour + MICROSECONDS_PER_HOUR - 1n) / MICROSECONDS_PER_HOUR);
}
