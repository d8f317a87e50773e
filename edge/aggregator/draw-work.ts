import { decideDrawn, needsDraw } from "@infernet/protocol/drawn-fact";
import { LIMITS } from "@infernet/schemas/limits";
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
  const undrawn = new Map<number, number>();
  const fact = decideDrawn(job.progress, source, now_ms, (shard) => {
    const since_ms = job.undrawn.get(shard) ?? now_ms;
    undrawn.set(shard, since_ms);
    return now_ms - since_ms < LIMITS.undrawn_ms;
  });
  job.undrawn = undrawn;
  if (fact === null) return false;
  recordFact(ctx, job, fact, null, now_ms);
  return true;
}
