import { insertDelivery, type StoredDelivery } from "@infernet/db/aggregator/deliveries";
import { formatDeliveryId } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import type { Job } from "@infernet/schemas/job";
import { JobEndType, type WebhookEvent } from "@infernet/schemas/webhook";
import type { AggregatorContext } from "./context.ts";

/**
 * Queues the webhook of a job that ended, or whose result was replaced, if its client wants to hear of it.
 *
 * @param revoked what was wrong with the first result, where that is the news
 */
export function queueWebhook(
  ctx: AggregatorContext,
  job: Job,
  revoked: WebhookEvent["data"]["revoked"] = null,
): void {
  const type = JobEndType.parse(revoked === null ? `job.${job.state}` : "result.revoked");
  if (job.webhook === null || !job.webhook.events.includes(type)) return;
  const now_ms = ctx.now();
  const event: WebhookEvent = {
    type,
    timestamp: renderInstant(now_ms),
    data: {
      job_id: job.id,
      state: job.state,
      job_url: job.urls.self,
      result_url: job.result?.url ?? null,
      result_sha256: job.result?.sha256 ?? null,
      receipt_url: job.urls.receipt,
      revoked,
      metadata: job.metadata,
    },
  };
  const delivery: StoredDelivery = {
    id: formatDeliveryId(ctx.uuid()),
    job_id: job.id,
    type,
    url: job.webhook.url,
    state: "pending",
    body: JSON.stringify(event),
    attempts: [],
    next_ms: now_ms,
  };
  insertDelivery(ctx.db, delivery);
  ctx.pending.set(delivery.id, delivery);
}
