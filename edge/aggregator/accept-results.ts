import type { JobId, RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import type {
  ShardDone,
  ShardFailed,
  ShardHandedBack,
  ShardResult,
  SubmissionReceipt,
} from "@infernet/schemas/runner";
import { commitOutputs } from "./commit-outputs.ts";
import { type AggregatorContext, lookUpJob } from "./context.ts";
import { judge } from "./judge-result.ts";
import { noteContradictions } from "./note-contradictions.ts";
import { inTurn, type OpenJob } from "./open-job.ts";
import { type PreparedOutput, prepareOutput } from "./prepare-output.ts";
import { recordFact } from "./record-fact.ts";
import { settleJob } from "./settle-job.ts";
import { accepted, refused } from "./submission-receipts.ts";

/**
 * Takes a runner's answers. Each is decided exactly once, however often it is sent: the receipts of a repeat say
 * "duplicate". All accepted shards of one job in one submission are one fact, so one row.
 */
export async function acceptResults(
  ctx: AggregatorContext,
  runner: RunnerId,
  results: readonly ShardResult[],
): Promise<SubmissionReceipt[]> {
  const receipts: SubmissionReceipt[] = [];
  for (const [job_id, ofJob] of Map.groupBy(results, (result) => result.job_id)) {
    receipts.push(...(await acceptForJob(ctx, runner, job_id, ofJob)));
  }
  return receipts;
}

async function acceptForJob(
  ctx: AggregatorContext,
  runner: RunnerId,
  job_id: JobId,
  results: readonly ShardResult[],
): Promise<SubmissionReceipt[]> {
  const job = lookUpJob(ctx, job_id);
  if (job === null) return results.map(refuseUnknownJob);
  return inTurn(job, () => decideResults(ctx, job, runner, results));
}

async function decideResults(
  ctx: AggregatorContext,
  job: OpenJob,
  runner: RunnerId,
  results: readonly ShardResult[],
): Promise<SubmissionReceipt[]> {
  const receipts: SubmissionReceipt[] = [];
  const wanted: { result: ShardResult; task: Task }[] = [];
  const repeats: ShardDone[] = [];
  for (const result of results) {
    const judged = judge(job, runner, result);
    const isRepeat = wanted.some((other) => other.task.shard === result.shard);
    const standing = isRepeat && !("status" in judged) ? repeated(result) : judged;
    if (!("status" in standing)) {
      wanted.push({ result, task: standing });
      continue;
    }
    receipts.push(standing);
    if (standing.status === "duplicate" && result.outcome === "done") repeats.push(result);
  }
  const outputs: PreparedOutput[] = [];
  for (const { result, task } of wanted) {
    if (result.outcome !== "done") continue;
    const prepared = await prepareOutput(ctx, job, runner, task, result);
    if (prepared.ok) outputs.push(prepared.output);
    else {
      const { code, message: detail } = prepared.error;
      receipts.push(refused(result, code, detail));
      giveBack(ctx, job, runner, { ...result, outcome: "failed", code: "output_refused", detail });
    }
  }
  receipts.push(...(await commitOutputs(ctx, job, runner, outputs)));
  for (const { result } of wanted) {
    if (result.outcome === "done") continue;
    receipts.push(giveBack(ctx, job, runner, result));
  }
  await noteContradictions(ctx, job, runner, repeats);
  settleJob(ctx, job);
  return receipts;
}

/** Sends a shard that the runner holds back to the queue; what it does not hold any more is no longer its to return. */
function giveBack(
  ctx: AggregatorContext,
  job: OpenJob,
  runner: RunnerId,
  result: ShardFailed | ShardHandedBack,
): SubmissionReceipt {
  const { lease_id, shard, outcome } = result;
  const isHeld = job.progress.shards[shard]?.leases.some((lease) => lease.id === lease_id);
  if (!isHeld) return { lease_id, status: "late", code: null, detail: "the lease was lost before" };
  const reason =
    outcome === "failed"
      ? { code: result.code, detail: result.detail.slice(0, LIMITS.failure_detail_chars_max) }
      : { code: null, detail: null };
  recordFact(ctx, job, { kind: "returned", runner, reason: outcome, shards: [shard], ...reason });
  return accepted(result);
}

export const refuseUnknownJob = (result: ShardResult): SubmissionReceipt =>
  refused(result, "lease_unknown", `there is no job ${result.job_id}`);

/** One runner has one thing to say about a shard at a time. */
const repeated = ({ lease_id }: ShardResult): SubmissionReceipt => ({
  lease_id,
  status: "duplicate",
  code: null,
  detail: "a shard twice in one submission",
});
