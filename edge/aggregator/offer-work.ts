import { countReady, listSlow } from "@infernet/protocol/lease-rules";
import type { Need } from "@infernet/protocol/match";
import type { JobRecord } from "@infernet/schemas/job-record";
import { listBuckets, shuffled } from "../dispatcher/buckets.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";

/** What a runner must be able to do to take a job's shards. */
export function needOf(record: Pick<JobRecord, "engine" | "memory_bytes" | "requirements">): Need {
  const { execution_provider, memory_bytes_min } = record.requirements;
  return {
    engine: record.engine,
    format: record.engine,
    memory_bytes: Math.max(record.memory_bytes, memory_bytes_min ?? 0),
    ...(execution_provider ? { execution_provider } : {}),
  };
}

/** Leases that runners may ask for: on shards that wait, or else second ones on shards that are slow. */
export function countOpen(ctx: AggregatorContext, { progress, record }: OpenJob): number {
  return countReady(progress) || listSlow(progress, ctx.now(), record.deadline_ms).length;
}

/** Tells a dispatcher that the job is open for more leases than it knows of. Lost offers come again with the alarm. */
export function offerWork(ctx: AggregatorContext, job: OpenJob): void {
  const ready = countOpen(ctx, job);
  const isMore = ready > job.offered;
  job.offered = ready;
  if (isMore) ctx.defer(sendOffer(ctx, job, ready));
}

/**
 * Goes from one dispatcher to the next, in random order, until enough runners are reached: one for each lease, and one
 * for each provider that has worked on the job already and may not be wanted for what is left.
 */
async function sendOffer(ctx: AggregatorContext, job: OpenJob, ready: number): Promise<void> {
  const { id: job_id, account_id } = job.record;
  const offer = { job_id, account_id, need: needOf(job.record), ready };
  let wanted = ready + job.progress.providers.size;
  for (const bucket of shuffled(listBuckets(ctx.env), ctx.random)) {
    const { runners_capable } = await bucket.offer(offer);
    wanted -= runners_capable;
    if (wanted <= 0) return;
  }
}

/** Takes a finished job's offers back, so that no runner asks for it in vain. */
export function withdrawWork(ctx: AggregatorContext, job: OpenJob): void {
  if (job.offered === 0) return;
  job.offered = 0;
  for (const bucket of listBuckets(ctx.env)) ctx.defer(bucket.withdraw(job.record.id));
}
