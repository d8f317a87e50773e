import { z } from "zod";
import { DeliveryId, JobId } from "./ids.ts";
import { LIMITS } from "./limits.ts";

export const WebhookEventType = z
  .enum(["job.succeeded", "job.failed", "job.canceled", "job.expired", "result.revoked", "webhook.test"])
  .meta({ id: "WebhookEventType" });
export type WebhookEventType = z.infer<typeof WebhookEventType>;

/** What a job's webhook can tell; `result.revoked` corrects a result that was delivered. */
export const JobEndType = WebhookEventType.exclude(["webhook.test"]);

export const WebhookTarget = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).max(LIMITS.webhook_url_chars_max),
    /** Which ends of the job are told; default all. */
    events: z
      .array(JobEndType)
      .min(1)
      .max(JobEndType.options.length)
      .default([...JobEndType.options]),
  })
  .meta({ id: "WebhookTarget" });
export type WebhookTarget = z.infer<typeof WebhookTarget>;

/**
 * The body of a webhook: thin, with the address of the result. Headers and signature follow Standard Webhooks 1.0
 * with its asymmetric scheme (`v1a`, Ed25519 over `id.timestamp.body`).
 */
export const WebhookEvent = z
  .strictObject({
    type: WebhookEventType,
    timestamp: z.iso.datetime(),
    data: z.strictObject({
      job_id: JobId.nullable(),
      state: z.string(),
      job_url: z.string().nullable(),
      result_url: z.string().nullable(),
      result_sha256: z.string().nullable(),
      receipt_url: z.string().nullable(),
      /** For `result.revoked`: what was wrong, and what the client gets back. */
      revoked: z
        .strictObject({ shards: z.int(), refund_micro: z.string(), revoked_sha256: z.string() })
        .nullable(),
      metadata: z.record(z.string(), z.string()),
    }),
  })
  .meta({ id: "WebhookEvent" });
export type WebhookEvent = z.infer<typeof WebhookEvent>;

export const DeliveryAttempt = z.strictObject({
  at: z.iso.datetime(),
  /** HTTP status of the receiver; null when there was no answer. */
  status: z.int().nullable(),
  error: z.string().nullable(),
  duration_ms: z.int(),
});
export type DeliveryAttempt = z.infer<typeof DeliveryAttempt>;

export const DeliveryState = z.enum(["pending", "delivered", "failed", "disabled"]);
export type DeliveryState = z.infer<typeof DeliveryState>;

export const Delivery = z
  .strictObject({
    /** Also the `webhook-id` header, equal for every attempt, so a receiver can drop repeats. */
    id: DeliveryId,
    job_id: JobId,
    type: WebhookEventType,
    url: z.string(),
    state: DeliveryState,
    attempts: z.array(DeliveryAttempt),
    next_attempt_at: z.iso.datetime().nullable(),
  })
  .meta({ id: "Delivery" });
export type Delivery = z.infer<typeof Delivery>;

/** `GET /webhooks/key`: verifies every webhook of this aggregator. */
export const WebhookKey = z
  .strictObject({ public_key: z.string().regex(/^whpk_/), scheme: z.literal("v1a") })
  .meta({ id: "WebhookKey" });
export type WebhookKey = z.infer<typeof WebhookKey>;

/** `POST /webhooks/test`: sends a `webhook.test` event now. */
export const WebhookTestRequest = z
  .strictObject({ url: WebhookTarget.shape.url })
  .meta({ id: "WebhookTestRequest" });
export type WebhookTestRequest = z.infer<typeof WebhookTestRequest>;

export const WebhookTestReport = z
  .strictObject({
    id: DeliveryId,
    url: z.string(),
    delivered: z.boolean(),
    /** Whether the address gets webhooks of this account: a 2xx answer enables a disabled one again. */
    enabled: z.boolean(),
    attempt: DeliveryAttempt,
  })
  .meta({ id: "WebhookTestReport" });
export type WebhookTestReport = z.infer<typeof WebhookTestReport>;
