import { OutboxKind, writeOutbox } from "@infernet/db/aggregator/jobs";
import { upsertJobSummary } from "@infernet/db/index/jobs";
import { isFinal, isOpen } from "@infernet/protocol/job-progress";
import { renderJob, summarizeJob } from "@infernet/protocol/job-view";
import { renderSettlement, settle } from "@infernet/protocol/settlement";
import { renderWorkEvents } from "@infernet/protocol/work-event";
import type { RunnerId } from "@infernet/schemas/ids";
import type { ReputationEvent } from "@infernet/schemas/provider";
import { holdTime } from "../network/hold-time.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";
import { listStillOwed } from "./outbox-rules.ts";
import { tellTreasuries } from "./tell-treasuries.ts";

/**
 * Sends what a job owes to other objects. Every message may be repeated: receivers know it by its id. A message is
 * struck off only once it is acknowledged, and the search index's only when the job has ended, so that a running job
 * costs no row for it.
 */
export async function drainOutbox(
  ctx: AggregatorContext,
  job: OpenJob,
  kinds: readonly OutboxKind[] = job.outbox,
): Promise<void> {
  const { outbox } = job;
  // In this order: a conviction does not wait for the index.
  const sending = OutboxKind.options.filter((kind) => outbox.includes(kind) && kinds.includes(kind));
  for (const kind of sending) await send(ctx, job, kind);
  // What has been owed anew meanwhile has its own sending.
  if (job.outbox !== outbox) return;
  const left = listStillOwed(outbox, sending, isFinal(job.progress.state));
  if (left.length < outbox.length) {
    job.outbox = left;
    writeOutbox(ctx.db, job.record.id, left);
  }
  if (left.length === 0 && !isOpen(job.progress)) ctx.jobs.delete(job.record.id);
}

async function send(ctx: AggregatorContext, job: OpenJob, kind: OutboxKind): Promise<void> {
  const { record, progress, closed } = job;
  if (kind === "index")
    await upsertJobSummary(ctx.env.INDEX, record.account_id, summarizeJob(renderJob(record, progress)));
  if (kind === "payment" && closed !== null)
    await ctx.env.ACCOUNT.getByName(record.account_id).settle(
      record.id,
      renderSettlement(settle(closed.progress, record.price)),
    );
  if (kind === "reputation" && closed !== null)
    await tellProviders(
      ctx,
      renderWorkEvents(closed.progress, record.price, closed.at_ms, holdTime(ctx.env)),
    );
  if (kind === "conviction") await tellProviders(ctx, job.convictions);
  if (kind === "slash") await tellTreasuries(ctx, job);
}

async function tellProviders(
  ctx: AggregatorContext,
  events: ReadonlyMap<RunnerId, ReputationEvent>,
): Promise<void> {
  await Promise.all([...events].map(([runner, event]) => ctx.env.PROVIDER.getByName(runner).record([event])));
}
