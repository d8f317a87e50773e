/** What is known of a payment when its fee is worked out, in the unit's smallest parts. */
export interface BatchFee {
  /** The fees of its payouts, summed. */
  due: bigint;
  /** Fees that were collected ahead of the payouts they belong to. */
  collected: bigint;
  /** What its payees get, summed. */
  shared: bigint;
  /** The most of all that is paid out that may be the aggregator's, in hundredths of a percent; null where no rule bounds it. */
  fee_bps_max: number | null;
}

/**
 * The fee of a payment: what its payouts owe, less what was collected ahead, and never more than the place lets be taken.
 * Beside S for the payees that is floor(S x bps / (10000 - bps)), so that the fee is at most bps of both together. What
 * that leaves uncollected is given up.
 */
export function batchFee({ due, collected, shared, fee_bps_max }: BatchFee): bigint {
  const wanted = due > collected ? due - collected : 0n;
  if (fee_bps_max === null) return wanted;
  const most = feeCap(shared, fee_bps_max);
  return wanted < most ? wanted : most;
}

/** The largest fee beside `shared` for the payees. */
export const feeCap = (shared: bigint, fee_bps_max: number): bigint =>
  (shared * BigInt(fee_bps_max)) / (10_000n - BigInt(fee_bps_max));
