import { decideCommitted } from "@infernet/protocol/committed-fact";
import type { DrawSource } from "@infernet/protocol/draw-rules";
import { encodeBinary } from "@infernet/schemas/binary";
import { InfernetError } from "@infernet/schemas/errors";
import type { RunnerId } from "@infernet/schemas/ids";
import type { CommittedResult } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import type { SubmissionReceipt } from "@infernet/schemas/runner";
import type { Comparison } from "@infernet/schemas/verification";
import { assertStreamed } from "./check-generations.ts";
import { compareOutput } from "./compare-output.ts";
import type { AggregatorContext } from "./context.ts";
import { findDrawSource, isCurrent } from "./draw-source.ts";
import { judge } from "./judge-result.ts";
import type { OpenJob } from "./open-job.ts";
import type { PreparedOutput } from "./prepare-output.ts";
import { recordFact } from "./record-fact.ts";
import { createOutputReader } from "./shard-output.ts";
import { accepted, refused } from "./submission-receipts.ts";
import { unitsOf } from "./units-of.ts";

/** Stores what a submission answers as one fact, with the lots drawn for its new answers and the verdicts it allows. */
export async function commitOutputs(
  ctx: AggregatorContext,
  job: OpenJob,
  runner: RunnerId,
  outputs: readonly PreparedOutput[],
): Promise<SubmissionReceipt[]> {
  if (outputs.length === 0) return [];
  const inline_bytes = sizeOf(outputs.filter((output) => !output.blob));
  if (inline_bytes > LIMITS.submission_bytes_max) {
    const rule = `${inline_bytes} bytes of inline outputs; ${LIMITS.submission_bytes_max} are allowed`;
    return outputs.map(({ result }) => refused(result, "body_too_large", rule));
  }
  const readOutput = createOutputReader(ctx, job);
  const compared: { output: PreparedOutput; comparisons: Comparison[] }[] = [];
  for (const output of outputs)
    compared.push({ output, comparisons: await compareOutput(ctx, job, output, readOutput) });
  // The seed is asked for only now that the commitments are here.
  let source = await sourceOf(ctx, job, outputs, inline_bytes);
  while (source !== null && !isCurrent(ctx, source, ctx.now()))
    source = await sourceOf(ctx, job, outputs, inline_bytes);
  // From here on nothing awaits: what was wanted is judged again and stored in one go.
  const now_ms = ctx.now();
  const receipts: SubmissionReceipt[] = [];
  const results: CommittedResult[] = [];
  const kept: PreparedOutput[] = [];
  for (const { output, comparisons } of compared) {
    const standing = judge(job, runner, output.result);
    if ("status" in standing) {
      receipts.push(standing);
      continue;
    }
    const differing = explainDiffering(job, output);
    if (differing !== null) {
      receipts.push(refused(output.result, differing.code, differing.message));
      continue;
    }
    results.push(describeResult(job, output, comparisons));
    const [generation] = output.generations ?? [];
    if (generation !== undefined) job.stream?.committing.set(output.result.lease_id, generation);
    if (!output.blob) kept.push(output);
    receipts.push(accepted(output.result));
  }
  if (results.length === 0) return receipts;
  const fact = decideCommitted(job.progress, runner, results, source, now_ms);
  const payload = encodeBinary(kept.map((output) => [output.task.shard, output.bytes]));
  recordFact(ctx, job, fact, kept.length > 0 ? payload : null, now_ms);
  return receipts;
}

const sizeOf = (outputs: readonly PreparedOutput[]): number =>
  outputs.reduce((sum, output) => sum + output.bytes.length, 0);

/**
 * Null when nothing is to be drawn. Null also when the roster cannot be had, or would not fit beside the outputs: the
 * answers are stored all the same, and their auditors are drawn as soon as it can be.
 */
async function sourceOf(
  ctx: AggregatorContext,
  job: OpenJob,
  outputs: readonly PreparedOutput[],
  inline_bytes: number,
): Promise<DrawSource | null> {
  if (job.record.plan.auditors === 0 || !outputs.some(({ task }) => task.role === "compute")) return null;
  const source = await findDrawSource(ctx, job).catch(noteFailure);
  if (source === null) return null;
  const isKnown = job.progress.rosters.has(source.digest);
  const roster_bytes = isKnown ? 0 : JSON.stringify(source.roster).length;
  return inline_bytes + roster_bytes <= LIMITS.submission_bytes_max ? source : null;
}

function noteFailure(error: unknown): null {
  console.error(JSON.stringify({ event: "aggregator.roster_failed", error: String(error) }));
  return null;
}

/** What was delivered since the answer was looked at it may not say. */
function explainDiffering(job: OpenJob, { task, generations }: PreparedOutput): InfernetError | null {
  if (generations === null) return null;
  try {
    assertStreamed(job, task, generations);
    return null;
  } catch (error) {
    if (error instanceof InfernetError) return error;
    throw error;
  }
}

function describeResult(job: OpenJob, output: PreparedOutput, comparisons: Comparison[]): CommittedResult {
  const { result, task, tensors, bytes, sha256: output_sha256, blob, generations } = output;
  const { lease_id, leaf_rows, root, signature, execution_class, compute_ms } = result;
  return {
    shard: task.shard,
    role: task.role,
    of: task.of,
    lease_id,
    rows: tensors[0]?.shape[0] ?? 0,
    leaf_rows,
    root,
    signature,
    output_sha256,
    output_bytes: bytes.length,
    blob,
    execution_class,
    compute_ms,
    ...(generations === null ? {} : unitsOf(job, task, lease_id, generations)),
    comparisons,
  };
}
