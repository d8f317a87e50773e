import { decideEnd } from "@infernet/protocol/job-end";
import { type Answer, isFinal, type JobProgress } from "@infernet/protocol/job-progress";
import { refundFor } from "@infernet/protocol/settlement";
import { InfernetError, renderProblem } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import { createMicro, renderMicro } from "@infernet/schemas/money";
import { closeJob } from "./close-job.ts";
import type { AggregatorContext } from "./context.ts";
import { mergeResult } from "./merge-result.ts";
import type { OpenJob } from "./open-job.ts";
import { recordFact } from "./record-fact.ts";

/**
 * Merges the answers that stand in row order, stores the result and ends the job, or the recall of its result. Safe to
 * repeat: the result is named by its digest, and only the last step changes the job. False when the job has changed
 * meanwhile, so that it has to be looked at anew.
 */
export async function completeJob(ctx: AggregatorContext, job: OpenJob): Promise<boolean> {
  if (job.completing) return true;
  job.completing = true;
  try {
    return await (isFinal(job.progress.state) ? endRecall(ctx, job) : succeed(ctx, job));
  } finally {
    job.completing = false;
  }
}

async function succeed(ctx: AggregatorContext, job: OpenJob): Promise<boolean> {
  const answers = answersOf(job.progress);
  try {
    const { result, beside } = await mergeResult(ctx, job, answers);
    if (isFinal(job.progress.state)) return true;
    if (endOf(ctx, job)?.kind !== "complete" || !stand(job, answers)) return false;
    recordFact(ctx, job, { kind: "succeeded", result }, beside);
  } catch (error) {
    if (isFinal(job.progress.state)) return true;
    recordFact(ctx, job, { kind: "failed", error: renderProblem(explainMergeFailure(job, error), null) });
  }
  closeJob(ctx, job);
  return true;
}

/** What was delivered was right, or is replaced by what is. A fault in merging is left for the next alarm to try again. */
async function endRecall(ctx: AggregatorContext, job: OpenJob): Promise<boolean> {
  const end = endOf(ctx, job);
  if (end?.kind !== "recall_over") return true;
  if (end.shards.length === 0) {
    recordFact(ctx, job, { kind: "upheld" });
  } else {
    const answers = answersOf(job.progress);
    const { result, beside } = await mergeResult(ctx, job, answers);
    if (endOf(ctx, job)?.kind !== "recall_over" || !stand(job, answers)) return false;
    const { shards } = end;
    const refund = refundFor(job.progress, job.record.price, shards);
    const refund_micro = renderMicro(createMicro(refund));
    recordFact(ctx, job, { kind: "revoked", shards, result, refund_micro }, beside);
  }
  closeJob(ctx, job);
  return true;
}

const endOf = (ctx: AggregatorContext, { progress, record }: OpenJob) =>
  decideEnd(progress, ctx.now(), record.deadline_ms);

/** A fault of ours is thrown again, for the next alarm to try anew, until it has been tried often enough. */
function explainMergeFailure(job: OpenJob, error: unknown): InfernetError {
  if (error instanceof InfernetError) return error;
  job.merge_failures += 1;
  if (job.merge_failures < LIMITS.merge_attempts_max) throw error;
  return new InfernetError(
    "internal",
    `the shards are computed, but merging them failed ${job.merge_failures} times`,
  );
}

/** The answer to every shard, in row order. */
function answersOf(progress: JobProgress): Answer[] {
  return progress.shards.map(({ answer }, index) => {
    if (answer === null) throw new Error(`shard ${index} has no answer`);
    return answer;
  });
}

/** Whether these are the answers still. */
const stand = ({ progress }: OpenJob, answers: readonly Answer[]): boolean =>
  progress.shards.every(({ answer }, index) => answer === answers[index]);
