import { InfernetError } from "@infernet/schemas/errors";
import { type Micro, MicroAmount, parseMicro } from "@infernet/schemas/money";
import type { ModelWork } from "@infernet/schemas/work";
import { OPERATIONS_PER_CORE_SECOND } from "./work-units/reference-core.ts";

const SECONDS_PER_HOUR = 3_600n;
const MICROSECONDS_PER_SECOND = 1_000_000n;
const OPERATIONS_PER_CORE_HOUR = SECONDS_PER_HOUR * OPERATIONS_PER_CORE_SECOND;
const OPERATIONS_PER_CORE_MICROSECOND = OPERATIONS_PER_CORE_SECOND / MICROSECONDS_PER_SECOND;

/** Shown with every quote; docs/pricing.md explains it. */
export const PRICE_FORMULA = `rows x compute_factor x operations_per_row x micro_per_core_hour / ${OPERATIONS_PER_CORE_HOUR.toLocaleString("en-US")}, rounded up, + micro_per_job`;

/** What a deployment asks for work. */
export interface Rates {
  /** For an hour of a reference core. */
  micro_per_core_hour: bigint;
  /** For every job, whatever its size. */
  micro_per_job: bigint;
}

interface Priced extends Rates {
  /** Rows that the quote pays for, checks included. */
  priced_rows: number;
  operations_per_row: bigint;
}

/** Rows that a quote pays for. @param compute_factor rows computed for each row delivered: 1 and the checks */
export const pricedRows = (rows: number, compute_factor: number): number => Math.ceil(rows * compute_factor);

/**
 * Operations that a row is priced at: those counted, or what a reference core does in the declared time. At least one, so
 * that a model which only passes its input on is not free.
 */
export function pricedOperations(work: ModelWork, row_cost_us: number): bigint {
  if (work.kind === "declared") return BigInt(row_cost_us) * OPERATIONS_PER_CORE_MICROSECOND;
  const counted = BigInt(work.operations_per_row);
  return counted > 1n ? counted : 1n;
}

/**
 * What a job costs, in micro-units: its operations at the deployment's rate, rounded up once, and what every job costs.
 *
 * @throws InfernetError `too_many_rows` when it is more than an amount can be
 */
export function quotePrice({
  priced_rows,
  operations_per_row,
  micro_per_core_hour,
  micro_per_job,
}: Priced): Micro {
  const dividend = BigInt(priced_rows) * operations_per_row * micro_per_core_hour;
  const price = (dividend + OPERATIONS_PER_CORE_HOUR - 1n) / OPERATIONS_PER_CORE_HOUR + micro_per_job;
  const amount = MicroAmount.safeParse(price.toString());
  if (amount.success) return parseMicro(amount.data);
  throw new InfernetError(
    "too_many_rows",
    `${priced_rows} rows of ${operations_per_row} operations cost more than an amount can be`,
  );
}
