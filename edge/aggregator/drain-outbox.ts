import { type OutboxKind, writeOutbox } from "@infernet/db/aggregator/jobs";
import { upsertJobSummary } from "@infernet/db/index/jobs";
import { isFinal } from "@infernet/protocol/job-progress";
import { renderJob, summarizeJob } from "@infernet/protocol/job-view";
import { renderWorkEvents } from "@infernet/protocol/work-event";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";

/**
 * Sends what a job owes to other objects. Every message may be repeated: receivers know it by its id. A message is
 * struck off only once it is acknowledged, and the search index's only when the job has ended, so that a running job
 * costs no row for it.
 */
export async function drainOutbox(ctx: AggregatorContext, job: OpenJob): Promise<void> {
  const state = job.progress.state;
  for (const kind of job.outbox) await send(ctx, job, kind);
  if (!isFinal(state)) return;
  job.outbox = [];
  writeOutbox(ctx.db, job.record.id, job.outbox);
  ctx.jobs.delete(job.record.id);
}

async function send(ctx: AggregatorContext, job: OpenJob, kind: OutboxKind): Promise<void> {
  if (kind === "index") {
    const summary = summarizeJob(renderJob(job.record, job.progress));
    return upsertJobSummary(ctx.env.INDEX, job.record.account_id, summary);
  }
  const events = renderWorkEvents(job.progress, ctx.now());
  await Promise.all([...events].map(([runner, event]) => ctx.env.PROVIDER.getByName(runner).record([event])));
}
