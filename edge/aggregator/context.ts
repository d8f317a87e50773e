import type { StoredDelivery } from "@infernet/db/aggregator/deliveries";
import { appendFact } from "@infernet/db/aggregator/facts";
import { finishJob, type OutboxKind } from "@infernet/db/aggregator/jobs";
import type { AggregatorDb } from "@infernet/db/aggregator/store";
import { renderEvent } from "@infernet/protocol/job-events";
import { applyFact, isFinal } from "@infernet/protocol/job-progress";
import { renderJob } from "@infernet/protocol/job-view";
import type { Bytes } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import type { DeliveryId, JobId } from "@infernet/schemas/ids";
import type { JobFact } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import { type OpenJob, openStoredJob } from "./open-job.ts";
import { queueWebhook } from "./queue-webhook.ts";

/** What the operations of one aggregator object share: its store, its memory and its clock. */
export interface AggregatorContext {
  readonly env: Env;
  readonly db: AggregatorDb;
  readonly lease_ms: number;
  /** Jobs in memory: all that are not final or still owe a message. */
  readonly jobs: Map<JobId, OpenJob>;
  /** Webhooks that have another attempt to come. */
  readonly pending: Map<DeliveryId, StoredDelivery>;
  /** Those of them whose attempt is under way. */
  readonly sending: Set<DeliveryId>;
  /** When the last job of this object's day is kept no longer, in Unix ms; null before the first. */
  retire_ms: number | null;
  /** Idempotency keys of requests that are being prepared, with the time they stop blocking others. */
  readonly inFlight: Map<string, number>;
  readonly now: () => number;
  readonly uuid: () => string;
  readonly random: () => number;
  /** Runs on after the answer; a failure is made good by the next alarm. */
  readonly defer: (work: Promise<unknown>) => void;
  /** Has the object woken by then at the latest. */
  readonly wakeBy: (unix_ms: number) => Promise<void>;
  /** Empties the object's storage. */
  readonly dropStorage: () => Promise<void>;
  /** Calls whoever waits for news of the job. */
  readonly announce: (job: JobId) => void;
}

/** The job, from memory or folded from its log; null when there is none. Only what can still change stays in memory. */
export function lookUpJob(ctx: AggregatorContext, id: JobId): OpenJob | null {
  const known = ctx.jobs.get(id);
  if (known !== undefined) return known;
  const stored = openStoredJob(ctx.db, id, ctx.now());
  if (stored !== null && (!isFinal(stored.progress.state) || stored.outbox.length > 0))
    ctx.jobs.set(id, stored);
  return stored;
}

export function findJob(ctx: AggregatorContext, id: JobId): OpenJob {
  const job = lookUpJob(ctx, id);
  if (job === null) throw new InfernetError("not_found", `there is no job ${id}`);
  return job;
}

/**
 * Appends one fact to the job's log and folds it. With a final one go, in the same transaction, the finished job, the
 * messages it owes and its webhook.
 */
export function record(
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
    const view = renderJob(job.record, progress);
    finishJob(ctx.db, view, owed, at_ms);
    job.outbox = owed;
    queueWebhook(ctx, view);
  }
  ctx.announce(job.record.id);
}
