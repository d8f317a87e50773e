import { isFinal, type JobProgress } from "@infernet/protocol/job-progress";
import { jobUrl } from "@infernet/protocol/job-view";
import { mergeOutputs } from "@infernet/protocol/merge";
import { BINARY_TYPE } from "@infernet/schemas/binary";
import { type Bytes, sha256 } from "@infernet/schemas/digest";
import { InfernetError, renderProblem } from "@infernet/schemas/errors";
import { renderInstant } from "@infernet/schemas/instant";
import type { JobResult } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import type { Tensor } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { storeBlob } from "../blobs/store-blob.ts";
import { closeJob } from "./close-job.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";
import { recordFact } from "./record-fact.ts";
import { createOutputReader } from "./shard-output.ts";

/**
 * Merges the accepted outputs in row order, stores the result and ends the job. Safe to repeat: the result is named by
 * its digest, and only the last step changes the job.
 */
export async function completeJob(ctx: AggregatorContext, job: OpenJob): Promise<void> {
  if (job.completing) return;
  job.completing = true;
  try {
    const { result, beside } = await mergeResult(ctx, job);
    if (isFinal(job.progress.state)) return;
    recordFact(ctx, job, { kind: "succeeded", result }, beside);
    closeJob(ctx, job);
  } catch (error) {
    if (isFinal(job.progress.state)) return;
    recordFact(ctx, job, { kind: "failed", error: renderProblem(explainMergeFailure(job, error), null) });
    closeJob(ctx, job);
  } finally {
    job.completing = false;
  }
}

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

interface Merged {
  result: JobResult;
  /** The result's bytes when they are few enough to be kept beside the job's last fact; they are a blob otherwise. */
  beside: Bytes | null;
}

async function mergeResult(ctx: AggregatorContext, job: OpenJob): Promise<Merged> {
  const { record: stored } = job;
  const merged = mergeOutputs(stored.merge, stored.outputs, await readAcceptedOutputs(ctx, job));
  const bytes = merged.kind === "list" ? merged.json : encodeTensors(merged.tensors);
  if (bytes.length > LIMITS.result_bytes_max) {
    throw new InfernetError(
      "result_too_large",
      `the result has ${bytes.length} bytes; ${LIMITS.result_bytes_max} are allowed`,
    );
  }
  const digest = await sha256(bytes);
  const isSmall = bytes.length <= LIMITS.inline_result_bytes_max;
  if (!isSmall) await storeBlob(createBlobStore(ctx.env), digest, bytes);
  const tensors = merged.kind === "list" ? [] : merged.tensors;
  const result: JobResult = {
    url: `${jobUrl(stored)}/result`,
    sha256: digest,
    bytes: bytes.length,
    content_type: merged.kind === "list" ? "application/json" : BINARY_TYPE,
    outputs: tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    expires_at: renderInstant(ctx.now() + LIMITS.job_retention_ms),
  };
  return { result, beside: isSmall ? bytes : null };
}

/** The accepted output of every shard, in row order. */
async function readAcceptedOutputs(ctx: AggregatorContext, job: OpenJob): Promise<Tensor[][]> {
  const readOutput = createOutputReader(ctx, job);
  const outputs: Tensor[][] = [];
  let total_bytes = 0;
  for (const [index, commitment] of acceptedCommitments(job.progress).entries()) {
    total_bytes += commitment.output_bytes;
    if (total_bytes > LIMITS.result_bytes_max) {
      throw new InfernetError(
        "result_too_large",
        `the shards' outputs are over ${LIMITS.result_bytes_max} bytes together`,
      );
    }
    outputs.push(await readOutput(index, commitment));
  }
  return outputs;
}

function acceptedCommitments(progress: JobProgress) {
  return progress.shards.map((shard, index) => {
    const commitment = shard.commitments.find((candidate) => candidate.runner === shard.accepted);
    if (commitment === undefined) throw new Error(`shard ${index} is not accepted`);
    return commitment;
  });
}
