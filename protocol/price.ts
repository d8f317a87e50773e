import { createMicro, type Micro } from "@infernet/schemas/money";

/** Shown with every quote. */
export const PRICE_FORMULA =
  "rows x row_cost_us x replicas x micro_per_core_hour / 3,600,000,000, rounded up";

const MICROSECONDS_PER_HOUR = 3_600_000_000n;

interface Priced {
  rows: number;
  /** The manifest's expected time of one row on one core, in microseconds. */
  row_cost_us: number;
  replicas: number;
  micro_per_core_hour: bigint;
}

/** What a job costs: the core time that its manifest declares, at the deployment's rate. In micro-units, rounded up. */
export function quotePrice({ rows, row_cost_us, replicas, micro_per_core_hour }: Priced): Micro {
  const core_us = BigInt(rows) * BigInt(row_cost_us) * BigInt(replicas);
  return createMicro((core_us * micro_per_core_hour + MICROSECONDS_PER_HOUR - 1n) / MICROSECONDS_PER_HOUR);
}
