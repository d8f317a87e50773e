import { z } from "zod";
import { ProviderEncryption } from "./encryption.ts";
import { AccountId, JobId } from "./ids.ts";
import { Job, Merge, Requirements } from "./job.ts";
import { LIMITS } from "./limits.ts";
import { JobGeneration } from "./llm/job-generation.ts";
import { Engine } from "./model.ts";
import { MicroAmount } from "./money.ts";
import { PriceTerms } from "./price.ts";
import { Datatype, Shape, TensorBlob, TensorName, TensorSpec } from "./tensor.ts";
import { Verification, VerificationPlan } from "./verification.ts";
import { WebhookTarget } from "./webhook.ts";

/** An input of a stored job: a blob, or bytes kept beside the record. */
export const StoredInput = z.union([
  TensorBlob,
  z.strictObject({ name: TensorName, datatype: Datatype, shape: Shape }),
]);
export type StoredInput = z.infer<typeof StoredInput>;

/** What an accepted job is, for good: written once, when it is created. */
export const JobRecord = z.strictObject({
  id: JobId,
  account_id: AccountId,
  /** Where this edge is reached from outside, without a trailing slash: the start of the job's addresses. */
  origin: z.string(),
  created_ms: z.int(),
  deadline_ms: z.int(),
  model: Job.shape.model,
  engine: Engine,
  /** What the engine has to open, where that is not its own format: a served model's name. */
  format: z.string().optional(),
  memory_bytes: z.int(),
  /** What shards hand in: the model's outputs, or for a sealed job the form that these have when they are sealed. */
  outputs: z.array(TensorSpec),
  inputs: z.array(StoredInput).min(1).max(LIMITS.tensors_per_message_max),
  rows: z.int().min(1),
  shard_rows: z.int().min(1),
  shards: z.int().min(1),
  row_cost_us: z.int().min(1),
  merge: Merge,
  verification: Verification,
  plan: VerificationPlan,
  requirements: Requirements,
  /** Of a sealed job: how it is sealed, and what the model's outputs are before they are. */
  sealing: ProviderEncryption.extend({ outputs: z.array(TensorSpec) }).optional(),
  /** Whether its inputs that are blobs may go from runner to runner. */
  share_inputs: z.literal(true).optional(),
  /** Of a model that generates text: how it is delivered, and the most tokens that a prompt and its completion may have. */
  generation: JobGeneration.extend({ context_tokens: z.int().min(1) }).optional(),
  offer: Job.shape.offer,
  price: PriceTerms,
  /** What it pays for an hour of a reference core; absent in jobs from before runners asked for a price. */
  micro_per_core_hour: MicroAmount.optional(),
  webhook: WebhookTarget.nullable(),
  metadata: Job.shape.metadata,
});
export type JobRecord = z.infer<typeof JobRecord>;
