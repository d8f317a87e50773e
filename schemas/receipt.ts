import { z } from "zod";
import { NetworkId } from "./commitment.ts";
import { Sha256 } from "./digest.ts";
import { ProviderEncryption } from "./encryption.ts";
import { Epoch } from "./epoch.ts";
import { JobId, LeaseId, RunnerId, ShardIndex } from "./ids.ts";
import { JobResult, JobState, Merge, VerificationReport } from "./job.ts";
import { JobFact } from "./job-fact.ts";
import { LIMITS } from "./limits.ts";
import { PriceTerms, Settlement } from "./price.ts";
import { Offence, WorkTally } from "./provider.ts";
import { Datatype, Shape, TensorName, TensorSpec } from "./tensor.ts";
import { Verification, VerificationPlan } from "./verification.ts";

/** One entry of a job's log, as the aggregator wrote it. */
export const LogEntry = z.strictObject({ seq: z.int().min(1), at_ms: z.int(), fact: JobFact });
export type LogEntry = z.infer<typeof LogEntry>;

/** What was asked for and accepted, before any work was done. */
export const ReceiptJob = z.strictObject({
  id: JobId,
  created_ms: z.int(),
  deadline_ms: z.int(),
  /** Digest of the model's manifest. */
  model: Sha256,
  /** What was handed in and delivered, in the manifest's order: the model's outputs, or their sealed form. */
  outputs: z.array(TensorSpec).min(1).max(LIMITS.tensors_per_message_max),
  /** Of a sealed job, how it was sealed and to whom; whom it was granted to later stands in the log. */
  encryption: ProviderEncryption.optional(),
  /** The input's tensors, each by the sha256 of its raw bytes. */
  inputs: z
    .array(z.strictObject({ name: TensorName, datatype: Datatype, shape: Shape, sha256: Sha256 }))
    .min(1)
    .max(LIMITS.tensors_per_message_max),
  rows: z.int().min(1).max(LIMITS.rows_per_job_max),
  shard_rows: z.int().min(1).max(LIMITS.rows_per_job_max),
  shards: z.int().min(1).max(LIMITS.shards_per_job_max),
  merge: Merge,
  verification: Verification,
  plan: VerificationPlan,
  price: PriceTerms,
});
export type ReceiptJob = z.infer<typeof ReceiptJob>;

/** What the log comes to. Whoever has the log can work all of it out. */
export const ReceiptOutcome = z.strictObject({
  state: JobState.extract(["succeeded", "failed", "canceled", "expired"]),
  /** What was delivered, or for a later revision what replaced it. */
  result: JobResult.pick({ sha256: true, bytes: true, content_type: true }).nullable(),
  reached: VerificationReport.shape.reached,
  recall: VerificationReport.shape.recall,
  /** What it cost, and what came back. */
  settlement: Settlement,
  /** What each provider did, as its reputation ledger was told. */
  providers: z.array(z.strictObject({ id: RunnerId, tally: WorkTally })),
  /** Who was found wrong here, where and when, as its ledger was told. */
  convicted: z.array(
    z.strictObject({
      id: RunnerId,
      shard: ShardIndex,
      as: Offence,
      /** Whether some of the rows that convicted it were right, or nothing says that they were not. */
      partial: z.boolean(),
      at_ms: z.int(),
    }),
  ),
});
export type ReceiptOutcome = z.infer<typeof ReceiptOutcome>;

/** An epoch as it was announced before it began: the seed's hash and the network's signature, without the seed. */
export const ReceiptEpoch = Epoch.omit({ network: true, seed: true });
export type ReceiptEpoch = z.infer<typeof ReceiptEpoch>;

/** A leaf's hash and its way to the tree's root (RFC 6962 section 2.1.1), from the leaf upwards. */
export const LeafPath = z.strictObject({
  index: z.int().min(0),
  leaf: Sha256,
  path: z.array(Sha256).max(20),
});
export type LeafPath = z.infer<typeof LeafPath>;

/**
 * What the outputs add to the log. `trees` has the root of the tree under every commitment, in the order of the log:
 * with the commitment's context it gives the root that was signed. `paths` has, for every answer that was checked, the
 * leaves that hold a checked row.
 */
export const ReceiptEvidence = z.strictObject({
  trees: z.array(z.strictObject({ lease_id: LeaseId, root: Sha256 })),
  /** Null when there would be more than `receipt_path_hashes_max` hashes in them. */
  paths: z.array(z.strictObject({ lease_id: LeaseId, leaves: z.array(LeafPath).min(1) })).nullable(),
  /** Hashes that all paths have together, leaves included: why there are none, if there are none. */
  path_hashes: z.int().min(0),
});
export type ReceiptEvidence = z.infer<typeof ReceiptEvidence>;

/**
 * What an aggregator says of a job that ended, with the evidence: the log from the first lease to the end, the
 * commitments that runners signed, and what leads from them to the rows. `type` names the rules too that the log is
 * repeated by: whoever changes one of them makes another type.
 */
export const Receipt = z
  .strictObject({
    type: z.literal("infernet.receipt.v1"),
    network: NetworkId,
    /** 0 at the job's end; one more for every recall that is over since. */
    revision: z.int().min(0),
    /** sha256 of the canonical receipt of the revision before; null for the first. */
    supersedes: Sha256.nullable(),
    /** When what it tells was over, by the log. */
    issued_at: z.iso.datetime(),
    job: ReceiptJob,
    outcome: ReceiptOutcome,
    /** Those that the log's draws were made in, in their order. */
    epochs: z.array(ReceiptEpoch),
    log: z.array(LogEntry).min(1),
    evidence: ReceiptEvidence,
  })
  .meta({ id: "Receipt" });
export type Receipt = z.infer<typeof Receipt>;

/**
 * A receipt and the network's signature over its canonical bytes (RFC 8785): a JWS in compact form with the payload left
 * out (RFC 7515 appendix F), `alg` EdDSA (RFC 8037), `kid` the network's id. The last character holds no spare bits, so
 * that no two texts are one signature.
 */
export const SignedReceipt = z
  .strictObject({
    receipt: Receipt,
    signature: z
      .string()
      .max(1_024)
      .regex(
        /^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]{85}[AQgw]$/,
        "is not a detached JWS with an Ed25519 signature",
      ),
  })
  .meta({ id: "SignedReceipt" });
export type SignedReceipt = z.infer<typeof SignedReceipt>;
