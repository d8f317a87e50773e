import { classifyAnswer, decideVerdict } from "@infernet/protocol/submission-rules";
import { encodeBinary } from "@infernet/schemas/binary";
import type { JobId, RunnerId } from "@infernet/schemas/ids";
import type { CommittedFact } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import type { ShardFailed, ShardHandedBack, ShardResult, SubmissionReceipt } from "@infernet/schemas/runner";
import { compareOutput } from "./compare-output.ts";
import { type AggregatorContext, lookUpJob } from "./context.ts";
import type { OpenJob } from "./open-job.ts";
import { type PreparedOutput, prepareOutput } from "./prepare-output.ts";
import { recordFact } from "./record-fact.ts";
import { settleJob } from "./settle-job.ts";
import { createOutputReader } from "./shard-output.ts";

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
  const decided = job.queue.then(() => decideResults(ctx, job, runner, results));
  job.queue = decided.catch(() => undefined);
  return decided;
}

async function decideResults(
  ctx: AggregatorContext,
  job: OpenJob,
  runner: RunnerId,
  results: readonly ShardResult[],
): Promise<SubmissionReceipt[]> {
  const receipts: SubmissionReceipt[] = [];
  const wanted: ShardResult[] = [];
  for (const result of results) {
    const receipt = judge(job, runner, result);
    if (receipt !== null) receipts.push(receipt);
    else if (wanted.some((other) => other.shard === result.shard)) receipts.push(repeated(result));
    else wanted.push(result);
  }
  const outputs: PreparedOutput[] = [];
  for (const result of wanted.filter((other) => other.outcome === "done")) {
    const prepared = await prepareOutput(ctx, job, result);
    if (prepared.ok) outputs.push(prepared.output);
    else {
      const { code, message: detail } = prepared.error;
      receipts.push(refuse(result, code, detail));
      giveBack(ctx, job, runner, { ...result, outcome: "failed", code: "output_mismatch", detail });
    }
  }
  receipts.push(...(await commit(ctx, job, runner, outputs)));
  for (const result of wanted) {
    if (result.outcome === "done") continue;
    receipts.push(giveBack(ctx, job, runner, result));
  }
  settleJob(ctx, job);
  return receipts;
}

/** The receipt of an answer that is of no use; null for one that is. */
function judge(job: OpenJob, runner: RunnerId, result: ShardResult): SubmissionReceipt | null {
  if (result.shard >= job.record.shards)
    return refuse(result, "lease_unknown", `the job has no shard ${result.shard}`);
  const standing = classifyAnswer(job.progress, runner, result.lease_id, result.shard);
  if (standing.kind === "wanted") return null;
  if (standing.kind === "unknown") return refuse(result, "lease_unknown", standing.why);
  return { lease_id: result.lease_id, status: standing.kind, code: null, detail: standing.why };
}

async function commit(
  ctx: AggregatorContext,
  job: OpenJob,
  runner: RunnerId,
  outputs: readonly PreparedOutput[],
): Promise<SubmissionReceipt[]> {
  const inline = outputs.filter((output) => !output.blob);
  const inline_bytes = inline.reduce((sum, output) => sum + output.bytes.length, 0);
  if (inline_bytes > LIMITS.submission_bytes_max) {
    const rule = `${inline_bytes} bytes of inline outputs; ${LIMITS.submission_bytes_max} are allowed`;
    return outputs.map(({ result }) => refuse(result, "body_too_large", rule));
  }
  const readOutput = createOutputReader(ctx, job);
  const agreements = [];
  for (const output of outputs) agreements.push(await compareOutput(job, output, readOutput));
  // From here on nothing awaits: what was wanted is judged again and stored in one go.
  const receipts: SubmissionReceipt[] = [];
  const fact: CommittedFact = { kind: "committed", runner, results: [], verdicts: [] };
  let { progress } = job;
  for (const [n, output] of outputs.entries()) {
    const receipt = judge(job, runner, output.result);
    if (receipt !== null) {
      receipts.push(receipt);
      continue;
    }
    const agrees_with = agreements[n] ?? [];
    const { shard, execution_class, compute_ms, lease_id } = output.result;
    const { sha256, blob } = output;
    fact.results.push({
      shard,
      output_sha256: sha256,
      output_bytes: output.bytes.length,
      blob,
      execution_class,
      compute_ms,
      agrees_with,
    });
    const verdict = decideVerdict(progress, shard, runner, agrees_with);
    if (verdict !== null) {
      fact.verdicts.push(verdict);
      // Whom this verdict convicts has no say in the next one.
      progress = { ...progress, convicted: new Set([...progress.convicted, ...verdict.outvoted]) };
    }
    receipts.push({ lease_id, status: "accepted", code: null, detail: null });
  }
  const kept = inline.filter((output) => fact.results.some((result) => result.shard === output.result.shard));
  const payload = encodeBinary(kept.map((output) => [output.result.shard, output.bytes]));
  if (fact.results.length > 0) recordFact(ctx, job, fact, kept.length > 0 ? payload : null);
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
  return { lease_id, status: "accepted", code: null, detail: null };
}

export function refuseUnknownJob(result: ShardResult): SubmissionReceipt {
  return refuse(result, "lease_unknown", `there is no job ${result.job_id}`);
}

function refuse(result: ShardResult, code: string, detail: string): SubmissionReceipt {
  return { lease_id: result.lease_id, status: "refused", code, detail };
}

function repeated(result: ShardResult): SubmissionReceipt {
  return { lease_id: result.lease_id, status: "duplicate", code: null, detail: "twice in one submission" };
}
