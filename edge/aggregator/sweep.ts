import { deleteJob } from "@infernet/db/aggregator/delete-job";
import { listPendingDeliveries } from "@infernet/db/aggregator/deliveries";
import { listJobsFinishedBefore, readOldestFinish } from "@infernet/db/aggregator/jobs";
import { deleteJobSummary } from "@infernet/db/index/jobs";
import { isFinal } from "@infernet/protocol/job-progress";
import { LIMITS } from "@infernet/schemas/limits";
import { type AggregatorContext, findJob } from "./context.ts";
import { deliverWebhooks } from "./deliver-webhooks.ts";
import { drainOutbox } from "./drain-outbox.ts";
import { expireLeases } from "./expire-leases.ts";
import { settleJob } from "./settle-job.ts";

/** Jobs that one sweep forgets at most, so that it stays short. */
const FORGOTTEN_PER_SWEEP = 100;

/** Everything that time alone brings about: expired leases, deadlines, offers again, messages again, retention. */
export async function sweep(ctx: AggregatorContext): Promise<void> {
  for (const job of [...ctx.jobs.values()]) {
    if (isFinal(job.progress.state)) {
      ctx.defer(drainOutbox(ctx, job));
      continue;
    }
    expireLeases(ctx, job);
    job.offered = 0;
    settleJob(ctx, job);
  }
  for (const [key, until_ms] of ctx.inFlight) if (until_ms <= ctx.now()) ctx.inFlight.delete(key);
  for (const id of listJobsFinishedBefore(ctx.db, ctx.now() - LIMITS.job_retention_ms, FORGOTTEN_PER_SWEEP)) {
    const { account_id, created_ms } = findJob(ctx, id).record;
    await deleteJobSummary(ctx.env.INDEX, account_id, created_ms, id);
    deleteJob(ctx.db, id);
  }
  await deliverWebhooks(ctx);
}

/** When the object must be awake next, in Unix ms; null when nothing is to come. */
export function nextWake(ctx: AggregatorContext): number | null {
  const now_ms = ctx.now();
  const times: number[] = [];
  for (const job of ctx.jobs.values()) {
    times.push(now_ms + tickOf(ctx));
    if (!isFinal(job.progress.state)) times.push(job.record.deadline_ms);
  }
  for (const { next_ms } of listPendingDeliveries(ctx.db))
    if (next_ms !== null) times.push(Math.max(next_ms, now_ms));
  const oldest_ms = readOldestFinish(ctx.db);
  if (oldest_ms !== null) times.push(oldest_ms + LIMITS.job_retention_ms);
  return times.length === 0 ? null : Math.min(...times);
}

/** How often a job that is not finished is looked at. */
export const tickOf = (ctx: AggregatorContext): number => Math.min(LIMITS.reoffer_ms, ctx.lease_ms);
