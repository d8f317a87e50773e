import type { Answer } from "@infernet/protocol/job-progress";
import { jobUrl } from "@infernet/protocol/job-view";
import { mergeOutputs } from "@infernet/protocol/merge";
import { BINARY_TYPE } from "@infernet/schemas/binary";
import { type Bytes, sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { renderInstant } from "@infernet/schemas/instant";
import type { JobResult } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import type { Tensor } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { storeBlob } from "../blobs/store-blob.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";
import { retirementOf } from "./retire-day.ts";
import { createOutputReader } from "./shard-output.ts";

interface Merged {
  result: JobResult;
  /** The result's bytes when they are few enough to be kept beside the job's fact; they are a blob otherwise. */
  beside: Bytes | null;
}

/**
 * One result from the answers to all shards, in row order; a large one is stored as a blob. Throws result_too_large, and
 * output_invalid as `mergeOutputs` does.
 */
export async function mergeResult(
  ctx: AggregatorContext,
  job: OpenJob,
  answers: readonly Answer[],
): Promise<Merged> {
  const { record } = job;
  const merged = mergeOutputs(record.merge, record.outputs, await readOutputs(ctx, job, answers));
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
  const expires_ms = Math.min(ctx.now() + LIMITS.job_retention_ms, retirementOf(record.id));
  const result: JobResult = {
    url: `${jobUrl(record)}/result`,
    sha256: digest,
    bytes: bytes.length,
    content_type: merged.kind === "list" ? "application/json" : BINARY_TYPE,
    outputs: tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    expires_at: renderInstant(expires_ms),
  };
  return { result, beside: isSmall ? bytes : null };
}

async function readOutputs(
  ctx: AggregatorContext,
  job: OpenJob,
  answers: readonly Answer[],
): Promise<Tensor[][]> {
  const readOutput = createOutputReader(ctx, job);
  const outputs: Tensor[][] = [];
  let total_bytes = 0;
  for (const [shard, answer] of answers.entries()) {
    total_bytes += answer.output_bytes;
    if (total_bytes > LIMITS.result_bytes_max) {
      throw new InfernetError(
        "result_too_large",
        `the shards' outputs are over ${LIMITS.result_bytes_max} bytes together`,
      );
    }
    outputs.push(await readOutput(shard, answer));
  }
  return outputs;
}
