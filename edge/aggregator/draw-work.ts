import { decideDrawn, needsDraw } from "@infernet/protocol/drawn-fact";
import type { AggregatorContext } from "./context.ts";
import { findDrawSource } from "./draw-source.ts";
import type { OpenJob } from "./open-job.ts";
import { recordFact } from "./record-fact.ts";

/** Draws what the job needs now, as one fact; nothing is stored when nothing would change. Whether something was. */
export async function drawWork(ctx: AggregatorContext, job: OpenJob): Promise<boolean> {
  if (!needsDraw(job.progress, ctx.now())) return false;
  const source = await findDrawSource(ctx, job);
  const fact = decideDrawn(job.progress, source, ctx.now());
  if (fact === null) return false;
  recordFact(ctx, job, fact);
  return true;
}
