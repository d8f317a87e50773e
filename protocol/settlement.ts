import type { PriceTerms, Settlement } from "@infernet/schemas/price";
import { type JobProgress, shardRowCount } from "./job-progress.ts";
import { feeOf } from "./ledger/fee.ts";

/** What a job comes to, in micro-units: `charged = refunded + fee + shared`. */
export interface Settled {
  charged: bigint;
  refunded: bigint;
  fee: bigint;
  /** What its providers get, all together. */
  shared: bigint;
}

/**
 * What a job costs at its end: the quote's part for the rows that were computed, checks included, rounded up, and never
 * more than the quote. A job that failed or expired delivered nothing and costs nothing; a canceled one costs the work
 * that was done, and so does one that expired when its client had been streamed what was made: else a deadline that is too
 * near, or a check that nobody can make, would be a way not to pay.
 */
export function chargeFor(progress: JobProgress, { quoted_micro, priced_rows }: PriceTerms): bigint {
  if (progress.rows_used === null) return 0n;
  const used = BigInt(Math.min(progress.rows_used, priced_rows));
  const priced = BigInt(priced_rows);
  return (BigInt(quoted_micro) * used + priced - 1n) / priced;
}

/** What the client has paid, what came back, and who the rest belongs to. All zero while the job is not over. */
export function settle(progress: JobProgress, terms: PriceTerms): Settled {
  const charged = chargeFor(progress, terms);
  const refunded = refundedOf(progress);
  const fee = feeOf(charged - refunded, terms.fee_bps);
  return { charged, refunded, fee, shared: charged - refunded - fee };
}

/**
 * What the client gets back for shards found wrong: their rows' part of what it paid, in micro-units. Rounded over all
 * that was ever found wrong and less what was given back before, so that refunds together never exceed the price.
 */
export function refundFor(progress: JobProgress, terms: PriceTerms, shards: readonly number[]): bigint {
  const wrong = new Set([...(progress.recall?.shards ?? []), ...shards]);
  const rows = [...wrong].reduce((sum, shard) => sum + shardRowCount(progress.plan, shard), 0);
  return (chargeFor(progress, terms) * BigInt(rows)) / BigInt(progress.plan.rows) - refundedOf(progress);
}

export function renderSettlement({ charged, refunded, fee }: Settled): Settlement {
  return {
    charged_micro: charged.toString(),
    refunded_micro: refunded.toString(),
    fee_micro: fee.toString(),
  };
}

const refundedOf = ({ recall }: JobProgress): bigint => BigInt(recall?.refund_micro ?? 0);
