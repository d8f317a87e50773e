import { isFinal, isOpen } from "@infernet/protocol/job-progress";
import { LIMITS } from "@infernet/schemas/limits";
import type { AggregatorContext } from "./context.ts";
import { deliverWebhooks } from "./deliver-webhooks.ts";
import { drainOutbox } from "./drain-outbox.ts";
import { expireLeases } from "./expire-leases.ts";
import { NO_OFFER } from "./open-job.ts";
import { URGENT } from "./outbox-rules.ts";
import { retireDay } from "./retire-day.ts";
import { settleJob } from "./settle-job.ts";

/** Everything that time alone brings about: expired leases, deadlines, offers again, messages again, retention. */
export async function sweep(ctx: AggregatorContext): Promise<void> {
  for (const job of [...ctx.jobs.values()]) {
    ctx.defer(drainOutbox(ctx, job, isFinal(job.progress.state) ? job.outbox : URGENT));
    if (!isOpen(job.progress)) continue;
    expireLeases(ctx, job);
    job.offered = NO_OFFER;
    settleJob(ctx, job);
  }
  for (const [key, until_ms] of ctx.inFlight) if (until_ms <= ctx.now()) ctx.inFlight.delete(key);
  await deliverWebhooks(ctx);
  await retireDay(ctx);
}

/** When the object must be awake next, in Unix ms; null when nothing is to come. */
export function nextWake(ctx: AggregatorContext): number | null {
  const now_ms = ctx.now();
  const times: number[] = [];
  for (const job of ctx.jobs.values()) {
    times.push(now_ms + tickOf(ctx));
    if (!isFinal(job.progress.state)) times.push(job.record.deadline_ms);
  }
  for (const { id, next_ms } of ctx.pending.values()) {
    // An attempt under way is looked at again when it must be over, in case a crash ends it.
    if (ctx.sending.has(id)) times.push(now_ms + LIMITS.webhook_timeout_ms);
    else if (next_ms !== null) times.push(Math.max(next_ms, now_ms));
  }
  if (ctx.retire_ms !== null) times.push(Math.max(ctx.retire_ms, now_ms + tickOf(ctx)));
  return times.length === 0 ? null : Math.min(...times);
}

/** How often a job that is open is looked at. */
export const tickOf = (ctx: AggregatorContext): number => Math.min(LIMITS.reoffer_ms, ctx.lease_ms);
