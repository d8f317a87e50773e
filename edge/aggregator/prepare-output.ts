import { type Bytes, type Sha256, sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import type { RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import type { Generation } from "@infernet/schemas/llm/generation";
import { type RowRange, rowsIn, type ShardDone } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { assertOutputs } from "@infernet/schemas/tensor-check";
import { rowCount } from "@infernet/schemas/tensor-rows";
import { decodeTensors, encodeTensors } from "@infernet/schemas/tensors-binary";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { readBlob } from "../blobs/read-blob.ts";
import { loadNetworkKey } from "../network/network-key.ts";
import { assertCommitment } from "./check-commitment.ts";
import { assertExecutionClass } from "./check-execution-class.ts";
import { checkGenerations } from "./check-generations.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";
import { rowsOfTask } from "./rows-of-task.ts";

/** A task's output as it will be stored: one tensor for each output of the model, in the manifest's order. */
export interface PreparedOutput {
  result: ShardDone;
  task: Task;
  /** The rows of its shard, counted from 0, that it holds. */
  ranges: RowRange[];
  tensors: Tensor[];
  bytes: Bytes;
  sha256: Sha256;
  /** Whether the bytes are a stored blob already. */
  blob: boolean;
  /** The completions in it; null where the model makes no text. */
  generations: Generation[] | null;
}

export type Prepared = { ok: true; output: PreparedOutput } | { ok: false; error: InfernetError };

/** Holds an output against its task, the model and its maker's commitment, and gives it its canonical bytes. */
export async function prepareOutput(
  ctx: AggregatorContext,
  job: OpenJob,
  runner: RunnerId,
  task: Task,
  result: ShardDone,
): Promise<Prepared> {
  const { id: network } = await loadNetworkKey(ctx.env);
  const { record } = job;
  try {
    assertExecutionClass(result.execution_class, record);
    const ranges = rowsOfTask(job.progress, runner, task);
    const rows = rowsIn(ranges);
    const blob = typeof result.outputs === "string";
    const given =
      typeof result.outputs === "string" ? await readOutputBlob(ctx, result.outputs) : result.outputs;
    assertRows(given, rows);
    assertOutputs(given, record.outputs, rows);
    const tensors = record.outputs.flatMap((spec) => given.filter((tensor) => tensor.name === spec.name));
    const bytes = encodeTensors(tensors);
    const digest = await sha256(bytes);
    if (blob && digest !== result.outputs)
      throw new InfernetError("output_invalid", "the blob is not in canonical form");
    await assertCommitment({ network, record, runner, result, outputs: tensors, rows });
    const generations = await checkGenerations(ctx, job, task, ranges, tensors);
    return { ok: true, output: { result, task, ranges, tensors, bytes, sha256: digest, blob, generations } };
  } catch (error) {
    if (error instanceof InfernetError) return { ok: false, error };
    throw error;
  }
}

function assertRows(tensors: readonly Tensor[], rows: number): void {
  const other = tensors.find((tensor) => rowCount(tensor) !== rows);
  if (other === undefined) return;
  throw new InfernetError(
    "output_rows",
    `'${other.name}' has ${rowCount(other)} rows; the lease has ${rows}`,
  );
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
