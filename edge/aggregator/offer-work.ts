import { countReady, listDrawn, listSlow } from "@infernet/protocol/lease-rules";
import type { RunnerId } from "@infernet/schemas/ids";
import { bucketOf, listBuckets, shuffled } from "../dispatcher/buckets.ts";
import type { AggregatorContext } from "./context.ts";
import { NO_OFFER, type OpenJob } from "./open-job.ts";
import { listFlowing, needOfStream } from "./stream-demand.ts";

/** Leases that runners may ask for: on shards that wait, or else second ones on shards that are slow. */
export function countOpen(ctx: AggregatorContext, job: OpenJob): number {
  const { progress, record } = job;
  return countReady(progress) || listSlow(progress, ctx.now(), record.deadline_ms, listFlowing(job)).length;
}

/**
 * Tells the dispatchers that the job is open for more leases than they know of, or that a check waits for somebody. Lost
 * offers come again with the alarm.
 */
export function offerWork(ctx: AggregatorContext, job: OpenJob): void {
  const ready = countOpen(ctx, job);
  const assigned = new Set(listDrawn(job.progress));
  const isMore = ready > job.offered.ready || [...assigned].some((id) => !job.offered.assigned.has(id));
  job.offered = { ready, assigned };
  if (isMore) ctx.defer(sendOffer(ctx, job, ready, [...assigned]));
}

/**
 * Goes to the dispatchers of all that a check waits for, and from one to the next, in random order, until enough runners
 * are reached: one for each lease, and one for each provider that has worked on the job already and may not be wanted
 * for what is left.
 */
async function sendOffer(
  ctx: AggregatorContext,
  job: OpenJob,
  ready: number,
  assigned: RunnerId[],
): Promise<void> {
  const { id: job_id, account_id, model } = job.record;
  const offer = { job_id, account_id, model, need: needOfStream(job), ready, assigned };
  const called = new Set(assigned.map((runner) => bucketOf(ctx.env, runner).id.toString()));
  let wanted = ready === 0 ? 0 : ready + job.progress.providers.size;
  for (const bucket of shuffled(listBuckets(ctx.env), ctx.random)) {
    const isCalled = called.has(bucket.id.toString());
    if (!isCalled && wanted <= 0) continue;
    const { runners_capable } = await bucket.offer(offer);
    wanted -= runners_capable;
  }
}

/** Takes a finished job's offers back, so that no runner asks for it in vain. */
export function withdrawWork(ctx: AggregatorContext, job: OpenJob): void {
  if (job.offered.ready === 0 && job.offered.assigned.size === 0) return;
  job.offered = NO_OFFER;
  for (const bucket of listBuckets(ctx.env)) ctx.defer(bucket.withdraw(job.record.id));
}
