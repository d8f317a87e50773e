import { decideEnd } from "@infernet/protocol/job-end";
import { InfernetError, renderProblem } from "@infernet/schemas/errors";
import { closeJob } from "./close-job.ts";
import { completeJob } from "./complete-job.ts";
import type { AggregatorContext } from "./context.ts";
import { offerWork } from "./offer-work.ts";
import type { OpenJob } from "./open-job.ts";
import { recordFact } from "./record-fact.ts";

/** After any change: ends the job if it is over, offers its shards if it is open for more than the dispatcher knows. */
export function settleJob(ctx: AggregatorContext, job: OpenJob): void {
  const end = decideEnd(job.progress, ctx.now(), job.record.deadline_ms);
  if (end === null) {
    offerWork(ctx, job);
  } else if (end.kind === "complete") {
    ctx.defer(completeJob(ctx, job));
  } else {
    recordFact(ctx, job, {
      kind: end.kind,
      error: renderProblem(new InfernetError(end.code, end.detail), null),
    });
    closeJob(ctx, job);
  }
}
