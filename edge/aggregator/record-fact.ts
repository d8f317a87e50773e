import { appendFact } from "@infernet/db/aggregator/facts";
import { finishJob, type OutboxKind } from "@infernet/db/aggregator/jobs";
import { applyFact } from "@infernet/protocol/apply-fact";
import { renderEvent } from "@infernet/protocol/job-events";
import { isFinal } from "@infernet/protocol/job-progress";
import { renderJob } from "@infernet/protocol/job-view";
import type { Bytes } from "@infernet/schemas/digest";
import type { JobFact } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";
import { queueWebhook } from "./queue-webhook.ts";

/**
 * Appends one fact to the job's log and folds it. With a final one go, in the same transaction, the messages that
 * the job owes and its webhook.
 */
export function recordFact(
  ctx: AggregatorContext,
  job: OpenJob,
  fact: JobFact,
  payload: Bytes | null = null,
): void {
  const at_ms = ctx.now();
  const seq = job.progress.seq + 1;
  const progress = applyFact(job.progress, fact, seq, at_ms);
  appendFact(ctx.db, job.record.id, { seq, at_ms, fact }, payload);
  job.progress = progress;
  job.recent = [...job.recent, renderEvent(progress, fact, at_ms)].slice(-LIMITS.event_page_items_max);
  if (isFinal(progress.state)) {
    const owed: OutboxKind[] = progress.providers.size > 0 ? ["index", "reputation"] : ["index"];
    finishJob(ctx.db, job.record.id, owed, at_ms);
    job.outbox = owed;
    queueWebhook(ctx, renderJob(job.record, progress));
  }
  ctx.announce(job.record.id);
}
