import type { KnownTensor } from "../known-tensor.ts";
import type { OnnxAttribute } from "../onnx/onnx-model.ts";
import type { Shape } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";

/** One use of an operator: what is known of its inputs, and its attributes. */
export interface OperatorCall {
  /** Null for an input that is left out. */
  inputs: readonly (KnownTensor | null)[];
  /** How many outputs are named, those left out before the last one counted. */
  outputs: number;
  attributes: ReadonlyMap<string, OnnxAttribute>;
}

/**
 * The rule of one operator. A multiply-add is two operations; any other arithmetic, a comparison or a function of one
 * number is one; an element moved from one place to another is one; a tensor that is only renamed or seen in another
 * shape is none. A fused operator counts what its parts would.
 */
export interface Operator {
  /**
   * Its outputs, or null when their shapes depend on values that are not known before the model runs.
   *
   * @throws Uncountable when its inputs do not fit each other
   */
  infer(call: OperatorCall): readonly KnownTensor[] | null;
  /** @param outputs the shapes of its outputs */
  operations(call: OperatorCall, outputs: readonly Shape[]): bigint;
}

export type OperatorTable = Readonly<Record<string, Operator>>;

export function requiredInput(call: OperatorCall, index: number): KnownTensor {
  const input = call.inputs[index];
  if (!input) throw new Uncountable(`lacks its input ${index}`);
  return input;
}

export const optionalInput = (call: OperatorCall, index: number): KnownTensor | null =>
  call.inputs[index] ?? null;

export function requiredOutput(outputs: readonly Shape[], index = 0): Shape {
  const output = outputs[index];
  if (!output) throw new Uncountable(`lacks its output ${index}`);
  return output;
}

export const integerAttribute = (call: OperatorCall, name: string, fallback: number): number =>
  call.attributes.get(name)?.integer ?? fallback;

export const textAttribute = (call: OperatorCall, name: string, fallback: string): string =>
  call.attributes.get(name)?.text ?? fallback;

export const integersAttribute = (call: OperatorCall, name: string): readonly number[] | null =>
  call.attributes.get(name)?.integers ?? null;

/**
 * A list of integers that newer operator sets take as an input and older ones as an attribute: "absent" when neither is
 * there, null when the input's values are not known.
 */
export function integersArgument(
  call: OperatorCall,
  index: number,
  name: string,
): readonly number[] | "absent" | null {
  const input = optionalInput(call, index);
  if (input !== null) return input.values?.numbers ?? null;
  return integersAttribute(call, name) ?? "absent";
}
