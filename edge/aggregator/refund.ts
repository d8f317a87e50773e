import { shardRowCount } from "@infernet/protocol/job-progress";
import { parseMicro } from "@infernet/schemas/money";
import type { OpenJob } from "./open-job.ts";

/**
 * What the client gets back for shards found wrong: their rows' part of the price, in micro-units. Rounded over all that
 * was ever found wrong and less what was given back before, so that refunds together never exceed the price.
 */
export function refundFor({ record, progress }: OpenJob, shards: readonly number[]): bigint {
  const wrong = new Set([...(progress.recall?.shards ?? []), ...shards]);
  const rows = [...wrong].reduce((sum, shard) => sum + shardRowCount(progress.plan, shard), 0);
  const total = (parseMicro(record.quoted_micro) * BigInt(rows)) / BigInt(progress.plan.rows);
  return total - BigInt(progress.recall?.refund_micro ?? 0);
}

/** What there is to share out among the providers: the price less what was given back. */
export const earningsBase = ({ record, progress }: OpenJob): bigint =>
  parseMicro(record.quoted_micro) - BigInt(progress.recall?.refund_micro ?? 0);
