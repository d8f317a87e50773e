import { decideEnd } from "@infernet/protocol/job-end";
import { InfernetError, renderProblem } from "@infernet/schemas/errors";
import { closeJob } from "./close-job.ts";
import { completeJob } from "./complete-job.ts";
import type { AggregatorContext } from "./context.ts";
import { drawWork } from "./draw-work.ts";
import { listUnfinished } from "./list-unfinished.ts";
import { offerWork } from "./offer-work.ts";
import { inTurn, type OpenJob } from "./open-job.ts";
import { recordFact } from "./record-fact.ts";

/**
 * After any change: ends the job if it is over, draws the checks that it needs now, and offers its shards if it is open
 * for more than the dispatchers know.
 */
export function settleJob(ctx: AggregatorContext, job: OpenJob): void {
  const end = decideEnd(job.progress, ctx.now(), job.record.deadline_ms);
  if (end === null) {
    offerWork(ctx, job);
    ctx.defer(inTurn(job, () => draw(ctx, job)));
  } else if (end.kind === "complete" || end.kind === "recall_over") {
    ctx.defer(complete(ctx, job));
  } else {
    const error = renderProblem(new InfernetError(end.code, end.detail), null);
    const isDelivered = end.kind === "expired" && job.stream !== null;
    const delivered = isDelivered ? { delivered: { begun: listUnfinished(ctx, job) } } : {};
    recordFact(ctx, job, { kind: end.kind, error, ...delivered });
    closeJob(ctx, job);
  }
}

async function draw(ctx: AggregatorContext, job: OpenJob): Promise<void> {
  if (await drawWork(ctx, job)) settleJob(ctx, job);
}

async function complete(ctx: AggregatorContext, job: OpenJob): Promise<void> {
  if (!(await completeJob(ctx, job))) settleJob(ctx, job);
}
