import { isFinal, shardAt } from "@infernet/protocol/job-progress";
import { renderJob } from "@infernet/protocol/job-view";
import { listBegun } from "@infernet/protocol/llm/stream/split-units";
import { InfernetError } from "@infernet/schemas/errors";
import type { AccountId, JobId } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import type { Begun } from "@infernet/schemas/job-fact";
import { closeJob } from "./close-job.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";
import { findOwnJob } from "./read-job.ts";
import { recordFact } from "./record-fact.ts";
import { knownAllowances } from "./row-allowances.ts";

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

/** What was delivered of completions that will not be finished. Where its maker did not count the prompt, about what it is. */
function listUnfinished(ctx: AggregatorContext, job: OpenJob): Begun[] {
  const { stream, progress } = job;
  return (stream?.completions ?? []).flatMap((completion, shard) => {
    if (shardAt(progress.shards, shard).answer !== null) return [];
    const likely = knownAllowances(ctx, job)?.[shard]?.prompt_tokens_likely ?? 0;
    return listBegun(shard, completion.stream.makers, completion.prompt_tokens ?? likely);
  });
}
