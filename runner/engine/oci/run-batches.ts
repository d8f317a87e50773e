import { performance } from "node:perf_hooks";
import { LIMITS } from "@infernet/schemas/limits";
import type { ModelManifest } from "@infernet/schemas/model";
import type { Tensor } from "@infernet/schemas/tensor";
import { assertOutputs } from "@infernet/schemas/tensor-check";
import { concatRows, sliceRows } from "@infernet/schemas/tensor-rows";
import { widenTensor } from "@infernet/schemas/tensor-widen";
import { assertNumbers } from "../assert-numbers.ts";
import { assertRows } from "../assert-rows.ts";
import type { EngineRun } from "../engine.ts";
import { EngineFailure } from "../engine-failure.ts";
import { batchRows, planBatches } from "../plan-batches.ts";
import { refusing } from "../refusing.ts";
import { batchFrame, quote } from "./frame.ts";
import type { FrameChannel } from "./frame-channel.ts";

export type RowsManifest = Pick<ModelManifest, "inputs" | "outputs" | "batch">;

/** Rows through a container, batch by batch. Returns null once `isCanceled`, asked between batches, says so. */
export async function runBatches(
  channel: FrameChannel,
  manifest: RowsManifest,
  inputs: readonly Tensor[],
  rows: number,
  isCanceled: () => boolean,
): Promise<EngineRun | null> {
  assertRows(inputs, manifest.inputs, rows);
  const parts: Tensor[][] = manifest.outputs.map(() => []);
  let compute_ms = 0;
  let bytes = 0;
  for (const { start, count } of planBatches(rows, batchRows(manifest.inputs, manifest.batch.max))) {
    if (isCanceled()) return null;
    const batch = manifest.inputs.flatMap((spec) => {
      const input = inputs.find(({ name }) => name === spec.name);
      return input ? [widenTensor(sliceRows(input, start, count), spec.datatype)] : [];
    });
    const started = performance.now();
    const outputs = await runBatch(channel, batch, count);
    compute_ms += performance.now() - started;
    refusing("output_mismatch", () => assertOutputs(outputs, manifest.outputs, count));
    assertNumbers(outputs, start);
    bytes += outputs.reduce((sum, { data }) => sum + data.byteLength, 0);
    if (bytes > LIMITS.shard_output_bytes_max)
      throw new EngineFailure(
        "output_mismatch",
        `the shard's output is over ${LIMITS.shard_output_bytes_max} bytes; fewer rows a shard would make it smaller`,
      );
    for (const [i, { name }] of manifest.outputs.entries()) {
      const output = outputs.find((candidate) => candidate.name === name);
      if (output) parts[i]?.push(output);
    }
  }
  return { outputs: refusing("output_mismatch", () => parts.map(concatRows)), compute_ms };
}

async function runBatch(channel: FrameChannel, batch: Tensor[], rows: number): Promise<Tensor[]> {
  const answer = await channel.exchange(batchFrame(batch, rows));
  switch (answer.kind) {
    case "outputs":
      return answer.outputs;
    case "error":
      throw new EngineFailure("engine_error", `the container says: ${quote(answer.detail)}`);
    case "ready":
      throw new EngineFailure("output_mismatch", "the container answered a batch with 'ready'");
    default:
      return answer satisfies never;
  }
}
