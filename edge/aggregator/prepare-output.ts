import { shardRowCount } from "@infernet/protocol/job-progress";
import { type Bytes, type Sha256, sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import type { ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { assertOutputs } from "@infernet/schemas/tensor-check";
import { decodeTensors, encodeTensors } from "@infernet/schemas/tensors-binary";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { readBlob } from "../blobs/read-blob.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";

/** A shard's output as it will be stored: one tensor for each output of the model, in the manifest's order. */
export interface PreparedOutput {
  result: ShardDone;
  tensors: Tensor[];
  bytes: Bytes;
  sha256: Sha256;
  /** Whether the bytes are a stored blob already. */
  blob: boolean;
}

export type Prepared = { ok: true; output: PreparedOutput } | { ok: false; error: InfernetError };

/** Checks a shard's output against the model and gives it its canonical bytes. */
export async function prepareOutput(
  ctx: AggregatorContext,
  job: OpenJob,
  result: ShardDone,
): Promise<Prepared> {
  try {
    const blob = typeof result.outputs === "string";
    const given =
      typeof result.outputs === "string" ? await readOutputBlob(ctx, result.outputs) : result.outputs;
    assertOutputs(given, job.record.outputs, shardRowCount(job.progress.plan, result.shard));
    const tensors = job.record.outputs.flatMap((spec) => given.filter((tensor) => tensor.name === spec.name));
    const bytes = encodeTensors(tensors);
    const digest = await sha256(bytes);
    if (blob && digest !== result.outputs)
      throw new InfernetError("output_invalid", "the blob is not in canonical form");
    return { ok: true, output: { result, tensors, bytes, sha256: digest, blob } };
  } catch (error) {
    if (error instanceof InfernetError) return { ok: false, error };
    throw error;
  }
}

async function readOutputBlob(ctx: AggregatorContext, digest: Sha256): Promise<Tensor[]> {
  const store = createBlobStore(ctx.env);
  const stored = await store.head(digest);
  if (stored === null)
    throw new InfernetError("output_invalid", `the output names blob ${digest}, which was not uploaded`);
  if (stored.bytes > LIMITS.shard_output_bytes_max) {
    const rule = `${stored.bytes} bytes; ${LIMITS.shard_output_bytes_max} are allowed`;
    throw new InfernetError("output_invalid", `the output of one shard has ${rule}`);
  }
  return decodeTensors(await readBlob(store, digest));
}
