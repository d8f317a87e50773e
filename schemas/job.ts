import { z } from "zod";
import { Sha256 } from "./digest.ts";
import { Encryption, JobEncryption } from "./encryption.ts";
import { JobId, RunnerId } from "./ids.ts";
import { Unit } from "./ledger.ts";
import { LIMITS } from "./limits.ts";
import { JobGeneration } from "./llm/job-generation.ts";
import { TokenPrices } from "./llm/token-prices.ts";
import { ModelName, ModelRef } from "./model.ts";
import { MicroAmount } from "./money.ts";
import { FeeBps, PriceTerms, Settlement } from "./price.ts";
import { Problem } from "./problem.ts";
import { ExecutionProvider, Region } from "./runner.ts";
import { SandboxLevel } from "./sandbox.ts";
import { SolanaAddress } from "./solana.ts";
import { TensorBlob, TensorJson, TensorSpec } from "./tensor.ts";
import { Verification, VerificationPlan } from "./verification.ts";
import { WebhookTarget } from "./webhook.ts";
import { QuotedWork } from "./work.ts";

/** A job moves forward only; the last four states are final. */
export const JobState = z
  .enum(["queued", "running", "verifying", "succeeded", "failed", "canceled", "expired"])
  .meta({ id: "JobState" });
export type JobState = z.infer<typeof JobState>;

/**
 * How the shards' outputs become one result. `concat` joins tensors in row order; `list` gives one JSON object a row;
 * `sum` and `mean` reduce every output over all rows, in row order, in double precision.
 */
export const Merge = z.enum(["concat", "list", "sum", "mean"]).meta({ id: "Merge" });
export type Merge = z.infer<typeof Merge>;

export const Requirements = z
  .strictObject({
    execution_provider: ExecutionProvider.optional(),
    /** The least that the workload must be held to. */
    sandbox: SandboxLevel.optional(),
    memory_bytes_min: z
      .int()
      .min(0)
      .max(2 ** 40)
      .optional(),
    /** On one GPU: memory of several does not add up. */
    vram_bytes_min: z
      .int()
      .min(1)
      .max(2 ** 40)
      .optional(),
    /** The only providers that may take part, and some that may not. */
    providers_only: z.array(RunnerId).min(1).max(LIMITS.providers_named_max).optional(),
    providers_ignored: z.array(RunnerId).min(1).max(LIMITS.providers_named_max).optional(),
    /** Where the machine is, by its own word. */
    regions: z.array(Region).min(1).max(16).optional(),
    /** Engine, version and execution provider of the machine, as in `llm/1.30.0/cpu`. */
    execution_class: z
      .string()
      .regex(/^[a-z0-9._+-]+(\/[a-z0-9._+-]+){2}$/, "is not engine/version/provider")
      .max(96)
      .optional(),
  })
  .meta({ id: "Requirements" });
export type Requirements = z.infer<typeof Requirements>;

export const Metadata = z
  .record(
    z.string().min(1).max(LIMITS.metadata_key_chars_max),
    z.string().max(LIMITS.metadata_value_chars_max),
  )
  .refine(
    (pairs) => Object.keys(pairs).length <= LIMITS.metadata_pairs_max,
    `has more than ${LIMITS.metadata_pairs_max} pairs`,
  );

export const TensorSource = z.union([TensorJson, TensorBlob]).meta({ id: "TensorSource" });
export type TensorSource = z.infer<typeof TensorSource>;

/**
 * What a job is paid from: credit in the operator's books, or an escrow that the account has registered. Funds of one unit
 * never pay for a job of another.
 */
export const Payment = z
  .discriminatedUnion("unit", [
    z.strictObject({ unit: z.literal("credit") }),
    z.strictObject({ unit: z.literal("usdc:solana"), escrow: SolanaAddress }),
  ])
  .meta({ id: "Payment" });
export type Payment = z.infer<typeof Payment>;

/** What a client sends to `POST /jobs` and `POST /jobs/quote`. */
export const JobRequest = z
  .strictObject({
    model: ModelRef,
    /** Rows, one tensor for each input of the model; the first dimension of all of them is the number of rows. */
    input: z.strictObject({ tensors: z.array(TensorSource).min(1).max(LIMITS.tensors_per_message_max) }),
    merge: Merge.default("concat"),
    verification: Verification.default({ mode: "audit", auditors: 1, rows_share: 0.1 }),
    requirements: Requirements.default({}),
    /** Who can read the rows and the result; without it, everybody who handles them. */
    encryption: Encryption.optional(),
    /** Lets the runners of the job give inputs that are blobs to each other, and to any peer that knows their sha256. */
    share_inputs: z.boolean().optional(),
    /** The most the client pays, in micro-units; without it the quoted price is accepted. */
    offer: z.strictObject({ max_micro: MicroAmount }).optional(),
    /** What it is paid from. */
    payment: Payment.default({ unit: "credit" }),
    /** When the result stops being useful; default one hour from now. */
    deadline: z.iso.datetime({ offset: true }).optional(),
    /** Rows in a shard; chosen from the row's cost and the number of runners when absent. */
    shard_rows: z.int().min(1).max(LIMITS.rows_per_job_max).optional(),
    /** Only for models that generate text. */
    generation: JobGeneration.optional(),
    webhook: WebhookTarget.optional(),
    metadata: Metadata.default({}),
  })
  .refine(({ encryption, share_inputs }) => share_inputs !== true || encryption?.mode !== "provider", {
    message: "is not for a sealed job: its inputs go to its providers alone",
    path: ["share_inputs"],
  })
  .meta({ id: "JobRequest" });
export type JobRequest = z.infer<typeof JobRequest>;

const Instant = z.iso.datetime().nullable();

export const JobResult = z
  .strictObject({
    url: z.string(),
    sha256: Sha256,
    bytes: z.int(),
    content_type: z.string(),
    outputs: z.array(
      z.strictObject({ name: z.string(), datatype: TensorSpec.shape.datatype, shape: z.array(z.int()) }),
    ),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: "JobResult" });
export type JobResult = z.infer<typeof JobResult>;

export const JobProvider = z
  .strictObject({
    id: RunnerId,
    shards_committed: z.int(),
    rows_committed: z.int(),
    /** Checks of this provider's answers that agreed with it. */
    audits_passed: z.int(),
    /** Checks that it made of others' answers. */
    audits_made: z.int(),
    shards_failed: z.int(),
    /** Whether it was found wrong: the job gives it no more work and nothing that it answered counts. */
    convicted: z.boolean(),
  })
  .meta({ id: "JobProvider" });
export type JobProvider = z.infer<typeof JobProvider>;

/** What was asked, what it came to, and what has been reached so far. */
export const VerificationReport = z
  .strictObject({
    asked: Verification,
    plan: VerificationPlan,
    /** Why answers cannot be checked although it was asked for; null where they can be. */
    unavailable: z.string().nullable(),
    reached: z.strictObject({
      /** Checks that agreed with an answer that stands. */
      audits_passed: z.int(),
      rows_audited: z.int(),
      disputes: z.int(),
      /** The largest `(1 - Cr) f^r` of any shard: the probability that it is wrong and nobody said so; null before all are answered. */
      group_error_max: z.number().nullable(),
      /** Share of wrong rows that a provider who spoils single rows could have got past the audits: see docs/verification.md. */
      stealth_bound: z.number().nullable(),
    }),
    /** Set when a provider was convicted after the job had succeeded. */
    recall: z
      .strictObject({
        state: z.enum(["checking", "upheld", "revoked"]),
        shards_revoked: z.int(),
        refund_micro: MicroAmount,
      })
      .nullable(),
  })
  .meta({ id: "VerificationReport" });
export type VerificationReport = z.infer<typeof VerificationReport>;

/** What a job costs at most, and once it is over what it has cost. */
export const JobPrice = PriceTerms.extend({
  /** Null while the job is not over. */
  settled: Settlement.nullable(),
}).meta({ id: "JobPrice" });

/** The one Job object: what POST, GET, lists, event streams and webhooks show. */
export const Job = z
  .strictObject({
    id: JobId,
    object: z.literal("job"),
    state: JobState,
    model: z.strictObject({ digest: Sha256, name: ModelName.nullable() }),
    rows: z.int(),
    merge: Merge,
    verification: VerificationReport,
    requirements: Requirements,
    /** Only where rows and result are sealed. */
    encryption: JobEncryption.optional(),
    offer: z.strictObject({ max_micro: MicroAmount }).nullable(),
    price: JobPrice,
    deadline: z.iso.datetime(),
    timestamps: z.strictObject({
      queued: z.iso.datetime(),
      running: Instant,
      verifying: Instant,
      succeeded: Instant,
      failed: Instant,
      canceled: Instant,
      expired: Instant,
    }),
    progress: z.strictObject({
      shards: z.int(),
      shards_leased: z.int(),
      shards_committed: z.int(),
      shards_accepted: z.int(),
      shards_disputed: z.int(),
      rows_accepted: z.int(),
    }),
    providers: z.array(JobProvider),
    result: JobResult.nullable(),
    error: Problem.nullable(),
    webhook: WebhookTarget.nullable(),
    metadata: Metadata,
    urls: z.strictObject({
      self: z.string(),
      result: z.string(),
      events: z.string(),
      receipt: z.string(),
      deliveries: z.string(),
    }),
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof Job>;

export const JobSummary = Job.pick({
  id: true,
  object: true,
  state: true,
  rows: true,
  model: true,
  metadata: true,
  urls: true,
})
  .extend({ created_at: z.iso.datetime(), finished_at: Instant })
  .meta({ id: "JobSummary" });
export type JobSummary = z.infer<typeof JobSummary>;

/** What `POST /jobs/quote` answers: the same decision as acceptance would make, and nothing is stored. */
export const Quote = z
  .strictObject({
    price: z.strictObject({
      unit: Unit,
      quoted_micro: MicroAmount,
      fee_bps: FeeBps,
      formula: z.string(),
      work: QuotedWork,
      /** Of models that generate text. */
      per_million_tokens: TokenPrices.optional(),
    }),
    rows: z.int(),
    shards: z.int(),
    shard_rows: z.int(),
    verification: VerificationPlan,
    /** Why answers could not be checked although it was asked for; null where they could be. */
    verification_unavailable: z.string().nullable(),
    /** Rows computed for each row delivered, checks included. */
    compute_factor: z.number(),
    runners_capable: z.int(),
    eta_ms: z.int().nullable(),
    is_possible: z.boolean(),
    /** Why it is not possible now, one sentence each. */
    reasons: z.array(z.string()),
  })
  .meta({ id: "Quote" });
export type Quote = z.infer<typeof Quote>;
