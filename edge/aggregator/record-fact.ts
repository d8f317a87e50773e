import { appendFact } from "@infernet/db/aggregator/facts";
import { finishJob, writeOutbox } from "@infernet/db/aggregator/jobs";
import { renderEvent } from "@infernet/protocol/job-events";
import { isFinal } from "@infernet/protocol/job-progress";
import { renderJob } from "@infernet/protocol/job-view";
import type { Bytes } from "@infernet/schemas/digest";
import type { JobFact } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import type { AggregatorContext } from "./context.ts";
import { drainOutbox } from "./drain-outbox.ts";
import { followStream } from "./follow-stream.ts";
import { foldFact, type OpenJob } from "./open-job.ts";
import { listOwed, URGENT } from "./outbox-rules.ts";
import { queueWebhook } from "./queue-webhook.ts";

/**
 * Appends one fact to the job's log and folds it. With it go, in the same transaction, the messages that the job owes
 * for it and its webhook.
 *
 * @param at_ms when it happened, in Unix ms: what was decided with a time is recorded with that time
 */
export function recordFact(
  ctx: AggregatorContext,
  job: OpenJob,
  fact: JobFact,
  payload: Bytes | null = null,
  at_ms = ctx.now(),
): void {
  const { id } = job.record;
  const before = job.progress;
  const seq = before.seq + 1;
  foldFact(job, fact, seq, at_ms);
  appendFact(ctx.db, id, { seq, at_ms, fact }, payload);
  followStream(ctx, job);
  job.recent = [...job.recent, renderEvent(job.progress, fact, at_ms)].slice(-LIMITS.event_page_items_max);
  const owed = listOwed(job.outbox, fact, job.progress);
  const isEnd = isFinal(job.progress.state) && !isFinal(before.state);
  if (isEnd) finishJob(ctx.db, id, owed, at_ms);
  else if (owed !== job.outbox) writeOutbox(ctx.db, id, owed);
  const isNews = owed !== job.outbox;
  job.outbox = owed;
  if (isEnd) queueWebhook(ctx, renderJob(job.record, job.progress));
  else if (isNews && owed.some((kind) => URGENT.includes(kind))) ctx.defer(drainOutbox(ctx, job, URGENT));
  if (fact.kind === "revoked" && before.result !== null) {
    const revoked_sha256 = before.result.sha256;
    const { refund_micro, shards } = fact;
    const revoked = { shards: shards.length, refund_micro, revoked_sha256 };
    queueWebhook(ctx, renderJob(job.record, job.progress), revoked);
  }
  ctx.announce(id);
}
