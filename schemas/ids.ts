import { base32nopad } from "@scure/base";
import { z } from "zod";

/**
 * Typed ids. Every id starts with its type and sorts by the time it was made, except a runner's, which *is* its
 * public key. A job's id carries the partition that owns it, so any Worker finds the job without a look-up.
 */

const UUID = "[0-9a-f]{32}";
const PARTITION = "[0-9a-f]{3}";

const id = <Name extends string>(name: Name, pattern: string, example: string) =>
  z
    .string()
    .regex(new RegExp(`^${pattern}$`), `is not a ${name}`)
    .brand<Name>()
    .meta({ id: name, examples: [example] });

const EXAMPLE = "019aa5d0c1f07c3e8f2b6d4e5a901122";

export const Partition = id("Partition", PARTITION, "03f");
export type Partition = z.infer<typeof Partition>;

export const JobId = id("JobId", `job_${PARTITION}_${UUID}`, `job_03f_${EXAMPLE}`);
export type JobId = z.infer<typeof JobId>;

export const LeaseId = id("LeaseId", `lease_${PARTITION}_${UUID}_[0-9]{1,4}`, `lease_03f_${EXAMPLE}_0`);
export type LeaseId = z.infer<typeof LeaseId>;

/** `run_` and the runner's raw Ed25519 public key (32 bytes) in lower-case base32 (RFC 4648 section 6, no padding). */
export const RunnerId = id("RunnerId", "run_[a-z2-7]{52}", `run_${"a".repeat(52)}`);
export type RunnerId = z.infer<typeof RunnerId>;

export const AccountId = id("AccountId", `acct_${UUID}`, `acct_${EXAMPLE}`);
export type AccountId = z.infer<typeof AccountId>;

export const DeliveryId = id("DeliveryId", `dlv_${UUID}`, `dlv_${EXAMPLE}`);
export type DeliveryId = z.infer<typeof DeliveryId>;

/** As OpenAI's clients know them. */
export const FileId = id("FileId", `file-${UUID}`, `file-${EXAMPLE}`);
export type FileId = z.infer<typeof FileId>;

export const BatchId = id("BatchId", `batch_${UUID}`, `batch_${EXAMPLE}`);
export type BatchId = z.infer<typeof BatchId>;

export const RequestId = id("RequestId", `req_${UUID}`, `req_${EXAMPLE}`);
export type RequestId = z.infer<typeof RequestId>;

/** An index into a job's shards, from 0, in row order. */
export const ShardIndex = z.int().min(0).max(9_999);
export type ShardIndex = number;

const compact = (uuid: string): string => uuid.replaceAll("-", "");

/** @param index 0 to 4095 */
export function formatPartition(index: number): Partition {
  return Partition.parse(index.toString(16).padStart(3, "0"));
}

/** @param uuid a UUIDv7 (RFC 9562), with or without hyphens */
export function formatJobId(partition: Partition, uuid: string): JobId {
  return JobId.parse(`job_${partition}_${compact(uuid)}`);
}

/** A grant's name: a UUIDv7 without hyphens. */
export const formatGrant = compact;

/** The lease on the n-th shard of one grant. */
export function formatLeaseId(partition: Partition, grant: string, n: number): LeaseId {
  return LeaseId.parse(`lease_${partition}_${grant}_${n}`);
}

/** The grant that made a lease, and the lease's place in it. */
export function grantOf(lease: LeaseId): { grant: string; n: number } {
  const [, , grant = "", n = ""] = lease.split("_");
  return { grant, n: Number(n) };
}

export const formatAccountId = (uuid: string): AccountId => AccountId.parse(`acct_${compact(uuid)}`);
export const formatDeliveryId = (uuid: string): DeliveryId => DeliveryId.parse(`dlv_${compact(uuid)}`);
export const formatFileId = (uuid: string): FileId => FileId.parse(`file-${compact(uuid)}`);
export const formatBatchId = (uuid: string): BatchId => BatchId.parse(`batch_${compact(uuid)}`);
export const formatRequestId = (uuid: string): RequestId => RequestId.parse(`req_${compact(uuid)}`);

/** The partition that owns a job or a lease: the second part of the id. */
export function partitionOf(id: JobId | LeaseId): Partition {
  return Partition.parse(id.split("_")[1]);
}

/** When a job was made, in Unix ms: the first 48 bits of its UUIDv7 (RFC 9562 section 5.7). */
export function createdMs(job: JobId): number {
  return Number.parseInt(job.slice(-32, -20), 16);
}

/** @param publicKey a raw Ed25519 public key, 32 bytes */
export function formatRunnerId(publicKey: Uint8Array): RunnerId {
  return RunnerId.parse(`run_${base32nopad.encode(publicKey).toLowerCase()}`);
}

/** The raw Ed25519 public key, 32 bytes, that a runner's id spells. */
export function publicKeyOf(runner: RunnerId): Uint8Array<ArrayBuffer> {
  return new Uint8Array(base32nopad.decode(runner.slice(4).toUpperCase()));
}
