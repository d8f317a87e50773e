import { ELEMENT, type OnnxTensor } from "./onnx/onnx-model.ts";
import { readModel } from "./onnx/read-model.ts";
import { WeightTrimmer } from "./onnx/weight-trimmer.ts";
import { elements } from "./tensor-shape.ts";
import { Uncountable } from "./uncountable.ts";

/** Element types that hold indices, flags or text. */
const NO_PARAMETERS: ReadonlySet<number> = new Set([ELEMENT.INT64, ELEMENT.BOOL, ELEMENT.STRING]);

/** Elements of a tensor of the file that are no indices, flags or text. */
export const parametersOf = ({ dims, element_type }: OnnxTensor): bigint =>
  NO_PARAMETERS.has(element_type) ? 0n : BigInt(elements(dims));

/**
 * The parameters of an ONNX model of any size that arrives in chunks, without holding its weights; those in files beside it
 * count by their shapes. Null for what is no ONNX or beyond COUNT_LIMITS. What the chunks' source throws, this throws.
 */
export async function countParameters(chunks: AsyncIterable<Uint8Array>): Promise<bigint | null> {
  const trimmer = new WeightTrimmer();
  for await (const chunk of chunks) if (!isTaken(trimmer, chunk)) return null;
  try {
    const { graph } = readModel(trimmer.finish());
    return graph.initializers.reduce((sum, tensor) => sum + parametersOf(tensor), 0n);
  } catch {
    // What the reader throws says that the file is malformed, or too much to read.
    return null;
  }
}

function isTaken(trimmer: WeightTrimmer, chunk: Uint8Array): boolean {
  try {
    trimmer.push(chunk);
    return true;
  } catch (error) {
    if (error instanceof Uncountable) return false;
    throw error;
  }
}
