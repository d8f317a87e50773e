import { canonicalDigest } from "@infernet/schemas/digest";
import { type AccountId, formatPartition, type Partition } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";

/**
 * Any partition, or always the same one for an idempotency key, so that a repeated request meets the first. Streamed jobs of
 * one account share a partition: then a runner has one connection for all of them, and its tokens travel together. The price
 * is that one object's thread carries all of an account's streams.
 */
export async function choosePartition(
  account: AccountId,
  idempotencyKey: string | null,
  isStreamed: boolean,
): Promise<Partition> {
  if (idempotencyKey === null && !isStreamed)
    return formatPartition(Math.floor(Math.random() * LIMITS.partitions));
  const digest = await canonicalDigest([account, idempotencyKey ?? "streams"]);
  return formatPartition(Number.parseInt(digest.slice(0, 8), 16) % LIMITS.partitions);
}
