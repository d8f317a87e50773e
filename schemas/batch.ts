import { z } from "zod";
import { BatchId, FileId, JobId } from "./ids.ts";
import { Metadata } from "./job.ts";
import { Unit } from "./ledger.ts";
import { LIMITS } from "./limits.ts";
import { MicroAmount } from "./money.ts";

/** What the lines of a batch are requests to. */
export const BatchEndpoint = z
  .enum(["/v1/chat/completions", "/v1/completions", "/v1/embeddings"])
  .meta({ id: "BatchEndpoint" });
export type BatchEndpoint = z.infer<typeof BatchEndpoint>;

/** A batch moves forward only; `failed`, `completed`, `expired` and `cancelled` are final. */
export const BatchStatus = z
  .enum([
    "validating",
    "failed",
    "in_progress",
    "finalizing",
    "completed",
    "expired",
    "cancelling",
    "cancelled",
  ])
  .meta({ id: "BatchStatus" });
export type BatchStatus = z.infer<typeof BatchStatus>;

/** What a client sends to `POST /v1/batches`. */
export const BatchRequest = z
  .strictObject({
    input_file_id: z.string().max(64),
    endpoint: BatchEndpoint,
    completion_window: z.literal("24h"),
    metadata: Metadata.nullable().optional(),
    output_expires_after: z
      .strictObject({
        anchor: z.literal("created_at"),
        seconds: z
          .int()
          .min(LIMITS.file_retention_seconds_min)
          .max(LIMITS.file_retention_ms / 1_000),
      })
      .optional(),
  })
  .meta({ id: "BatchRequest" });
export type BatchRequest = z.infer<typeof BatchRequest>;

/** Why a batch was refused, by the line of its input where that is at fault. */
export const BatchError = z.strictObject({
  code: z.string(),
  message: z.string(),
  param: z.string().nullable(),
  line: z.int().nullable(),
});
export type BatchError = z.infer<typeof BatchError>;

const Second = z.int().nullable();

/** A batch as OpenAI's API shows it, times in Unix seconds, with what is underneath in `infernet`. */
export const Batch = z
  .strictObject({
    id: BatchId,
    object: z.literal("batch"),
    endpoint: BatchEndpoint,
    status: BatchStatus,
    errors: z.strictObject({ object: z.literal("list"), data: z.array(BatchError) }).nullable(),
    input_file_id: FileId,
    completion_window: z.literal("24h"),
    output_file_id: FileId.nullable(),
    error_file_id: FileId.nullable(),
    created_at: z.int(),
    in_progress_at: Second,
    expires_at: z.int(),
    finalizing_at: Second,
    completed_at: Second,
    failed_at: Second,
    expired_at: Second,
    cancelling_at: Second,
    cancelled_at: Second,
    request_counts: z.strictObject({ total: z.int(), completed: z.int(), failed: z.int() }),
    usage: z.strictObject({
      input_tokens: z.int(),
      input_tokens_details: z.strictObject({ cached_tokens: z.int() }),
      output_tokens: z.int(),
      output_tokens_details: z.strictObject({ reasoning_tokens: z.int() }),
      total_tokens: z.int(),
    }),
    metadata: Metadata.nullable(),
    infernet: z.strictObject({
      /** One for each model, and for each part of a large input. */
      job_ids: z.array(JobId),
      /** Of the jobs that are over. */
      cost: z.strictObject({ unit: Unit, charged_micro: MicroAmount }),
    }),
  })
  .meta({ id: "Batch" });
export type Batch = z.infer<typeof Batch>;
