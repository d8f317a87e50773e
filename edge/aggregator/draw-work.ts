import { decideDrawn, needsDraw } from "@infernet/protocol/drawn-fact";
import type { AggregatorContext } from "./context.ts";
import { findDrawSource, isCurrent } from "./draw-source.ts";
import type { OpenJob } from "./open-job.ts";
import { recordFact } from "./record-fact.ts";

/** Draws what the job needs now, as one fact; nothing is stored when nothing would change. Whether something was. */
export async function drawWork(ctx: AggregatorContext, job: OpenJob): Promise<boolean> {
  if (!needsDraw(job.progress, ctx.now())) return false;
  const source = await findDrawSource(ctx, job);
  const now_ms = ctx.now();
  if (!isCurrent(ctx, source, now_ms)) return drawWork(ctx, job);
  const fact = decideDrawn(job.progress, source, now_ms);
  if (fact === null) return false;
  recordFact(ctx, job, fact, null, now_ms);
  return true;
}
