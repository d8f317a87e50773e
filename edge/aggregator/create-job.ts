import { findIdempotent, insertJob, type NewJob, readJob } from "@infernet/db/aggregator/jobs";
import { createProgress } from "@infernet/protocol/job-progress";
import { renderJob } from "@infernet/protocol/job-view";
import { InfernetError } from "@infernet/schemas/errors";
import type { Job } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import type { AggregatorContext } from "./context.ts";
import { drainOutbox } from "./drain-outbox.ts";
import { createOpenJob, type OpenJob } from "./open-job.ts";
import { retirementOf } from "./retire-day.ts";
import { settleJob } from "./settle-job.ts";
import { tickOf } from "./sweep.ts";

/** The job that an earlier request of this key made, as it was then; null when there was none. */
export function findRequest(ctx: AggregatorContext, key: string, request_sha256: string): Job | null {
  const earlier = findIdempotent(ctx.db, key);
  if (earlier === null) return null;
  if (earlier.request_sha256 === request_sha256) return renderCreated(ctx, earlier.id);
  throw new InfernetError("idempotency_mismatch", `the key made ${earlier.id} from another payload`);
}

/** Takes a key until `createJob` or `abandonRequest`. A crash forgets the taking, as it ends the request. */
export function takeRequest(ctx: AggregatorContext, key: string): void {
  const now_ms = ctx.now();
  if ((ctx.inFlight.get(key) ?? 0) > now_ms) {
    throw new InfernetError(
      "idempotency_in_flight",
      "the first request with this key has not been answered",
      {
        headers: { "Retry-After": "1" },
      },
    );
  }
  ctx.inFlight.set(key, now_ms + LIMITS.request_preparation_ms_max);
}

/** Frees the key of a request that came to nothing: the client may send it again, corrected. */
export function abandonRequest(ctx: AggregatorContext, key: string): void {
  ctx.inFlight.delete(key);
}

/** Stores a prepared job and offers it to runners. */
export async function createJob(ctx: AggregatorContext, job: NewJob): Promise<Job> {
  insertJob(ctx.db, job);
  if (job.idempotency !== null) ctx.inFlight.delete(job.idempotency.key);
  ctx.retire_ms = retirementOf(job.record.id);
  const open = createOpenJob(job.record, ["index"], ctx.now());
  ctx.jobs.set(job.record.id, open);
  settleJob(ctx, open);
  ctx.defer(drainOutbox(ctx, open));
  await ctx.wakeBy(Math.min(job.record.deadline_ms, ctx.now() + tickOf(ctx)));
  return renderJob(job.record, open.progress);
}

/** The job as its creation showed it. */
function renderCreated(ctx: AggregatorContext, id: OpenJob["record"]["id"]): Job {
  const stored = readJob(ctx.db, id);
  if (stored === null) throw new Error(`${id} has an idempotency key and no record`);
  const { plan } = createOpenJob(stored.record, [], 0).progress;
  return renderJob(stored.record, createProgress(plan, stored.record.created_ms));
}
