import { listJobKeys } from "@infernet/db/aggregator/jobs";
import { deleteJobSummary } from "@infernet/db/index/jobs";
import { isFinal } from "@infernet/protocol/job-progress";
import type { JobId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { dayEnd } from "./aggregator-of.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";

/** Jobs that are read into memory at once. */
const JOBS_PER_PAGE = 100;

/** When the last job that can be made on a job's day is kept no longer, in Unix ms. */
export const retirementOf = (job: JobId): number =>
  dayEnd(job) + LIMITS.job_deadline_ms_max + LIMITS.job_retention_ms;

/**
 * Forgets a whole day once the retention of its last job is over: its jobs leave the search index, then the object's
 * storage is dropped, which costs nothing, however many rows it held.
 */
export async function retireDay(ctx: AggregatorContext): Promise<void> {
  if (ctx.retire_ms === null || ctx.now() < ctx.retire_ms) return;
  if (ctx.pending.size > 0 || [...ctx.jobs.values()].some(isHeld)) return;
  for (let page = listJobKeys(ctx.db, "", JOBS_PER_PAGE); page.length > 0; ) {
    for (const { account_id, created_ms, id } of page) {
      await deleteJobSummary(ctx.env.INDEX, account_id, created_ms, id);
    }
    page = listJobKeys(ctx.db, page.at(-1)?.id ?? "", JOBS_PER_PAGE);
  }
  ctx.jobs.clear();
  ctx.retire_ms = null;
  await ctx.dropStorage();
}

/** Whether a job is needed for longer than its day. A recall is not: once the result is gone there is nothing to correct. */
const isHeld = ({ progress, outbox }: OpenJob): boolean =>
  !isFinal(progress.state) || outbox.some((kind) => kind !== "recall");
