import type { JobId, RunnerId } from "@infernet/schemas/ids";
import { type AggregatorContext, lookUpJob } from "./context.ts";
import { recordFact } from "./record-fact.ts";
import { settleJob } from "./settle-job.ts";

/**
 * Checks again what a provider that was convicted elsewhere did in a job that has succeeded. Whoever asks may ask again:
 * a job that knows already, that the provider had no part in or that delivered nothing has nothing to do.
 */
export function recallJob(
  ctx: AggregatorContext,
  job_id: JobId,
  runner: RunnerId,
  convicted_in: JobId,
  thorough: boolean,
): void {
  const job = lookUpJob(ctx, job_id);
  if (job === null || job.progress.state !== "succeeded") return;
  const { convicted, providers } = job.progress;
  if (convicted.has(runner) || !providers.has(runner)) return;
  recordFact(ctx, job, { kind: "recalled", runner, convicted_in, thorough });
  ctx.jobs.set(job_id, job);
  settleJob(ctx, job);
}
