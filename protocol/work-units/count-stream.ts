import type { RowInput } from "./count-graph.ts";
import { countOperations, type OnnxCount } from "./count-onnx.ts";
import { WeightTrimmer } from "./onnx/weight-trimmer.ts";
import { Uncountable } from "./uncountable.ts";

/**
 * `countOperations` of a file of any length that arrives in chunks, without holding its weights. What the chunks' source
 * throws, this throws.
 */
export async function countStream(
  chunks: AsyncIterable<Uint8Array>,
  inputs: readonly RowInput[],
  rows_max?: number,
): Promise<OnnxCount> {
  const trimmer = new WeightTrimmer();
  try {
    for await (const chunk of chunks) trimmer.push(chunk);
    return countOperations(trimmer.finish(), inputs, rows_max);
  } catch (error) {
    if (!(error instanceof Uncountable)) throw error;
    return { kind: "uncountable", reason: `the model ${error.message}` };
  }
}
