import { type JobProgress, shardRowCount } from "./job-progress.ts";

/**
 * What the client gets back for shards found wrong: their rows' part of the price, in micro-units. Rounded over all that
 * was ever found wrong and less what was given back before, so that refunds together never exceed the price.
 */
export function refundFor(progress: JobProgress, quoted_micro: bigint, shards: readonly number[]): bigint {
  const wrong = new Set([...(progress.recall?.shards ?? []), ...shards]);
  const rows = [...wrong].reduce((sum, shard) => sum + shardRowCount(progress.plan, shard), 0);
  return (quoted_micro * BigInt(rows)) / BigInt(progress.plan.rows) - refundedOf(progress);
}

/** What there is to share out among the providers: the price less what was given back. */
export const payable = (progress: JobProgress, quoted_micro: bigint): bigint =>
  quoted_micro - refundedOf(progress);

const refundedOf = ({ recall }: JobProgress): bigint => BigInt(recall?.refund_micro ?? 0);
