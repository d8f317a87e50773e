import { isFinal } from "@infernet/protocol/job-progress";
import { renderJob } from "@infernet/protocol/job-view";
import { InfernetError } from "@infernet/schemas/errors";
import type { AccountId, JobId } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import { closeJob } from "./close-job.ts";
import type { AggregatorContext } from "./context.ts";
import { listUnfinished } from "./list-unfinished.ts";
import { findOwnJob } from "./read-job.ts";
import { recordFact } from "./record-fact.ts";

/** Cancels a job. Doing it again changes nothing; a job that ended otherwise cannot be canceled. */
export function cancelJob(ctx: AggregatorContext, account: AccountId, id: JobId): Job {
  const job = findOwnJob(ctx, account, id);
  const { state } = job.progress;
  if (isFinal(state) && state !== "canceled") throw new InfernetError("job_finished", `${id} is ${state}`);
  if (state !== "canceled") {
    const begun = listUnfinished(ctx, job);
    recordFact(ctx, job, { kind: "canceled", ...(begun.length > 0 ? { begun } : {}) });
    closeJob(ctx, job);
  }
  return renderJob(job.record, job.progress);
}
