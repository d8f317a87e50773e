import { canonicalDigest } from "@infernet/schemas/digest";
import { type AccountId, formatPartition, type Partition } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";

/** Any partition, or always the same one for an idempotency key, so that a repeated request meets the first. */
export async function choosePartition(account: AccountId, idempotencyKey: string | null): Promise<Partition> {
  if (idempotencyKey === null) return formatPartition(Math.floor(Math.random() * LIMITS.partitions));
  const digest = await canonicalDigest([account, idempotencyKey]);
  return formatPartition(Number.parseInt(digest.slice(0, 8), 16) % LIMITS.partitions);
}
