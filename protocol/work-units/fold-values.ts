import { COUNT_LIMITS } from "./count-limits.ts";
import { type KnownTensor, shaped, valued } from "./known-tensor.ts";
import { ELEMENT } from "./onnx/onnx-model.ts";
import { broadcast, elements, type Shape } from "./tensor-shape.ts";

/** Operands whose values are followed; no shape is computed from more. */
const OPERANDS_MAX = 16;

/** A number from those at one place of each operand. */
export type Fold = (operands: readonly number[]) => number;

/**
 * The result of an element-wise operator: its shape, and its values where those of all operands are known and finite.
 *
 * @param result_type the element type of the result; that of the operands by default
 */
export function foldElements(
  operands: readonly KnownTensor[],
  fold: Fold,
  result_type?: number,
): KnownTensor {
  const shape = broadcast(operands.map((operand) => operand.shape));
  const type = operands[0]?.values?.element_type;
  const few = operands.length <= OPERANDS_MAX && elements(shape) <= COUNT_LIMITS.values_per_tensor_max;
  if (type === undefined || !few) return shaped(shape);
  const spread: (readonly number[])[] = [];
  for (const { shape: from, values } of operands) {
    if (values?.element_type !== type || !values.numbers.every(Number.isFinite)) return shaped(shape);
    spread.push(spreadNumbers(values.numbers, from, shape));
  }
  const to = result_type ?? type;
  const numbers = Array.from({ length: elements(shape) }, (_, i) => {
    const number = fold(spread.map((list) => list[i] ?? Number.NaN));
    return to === ELEMENT.FLOAT ? Math.fround(number) : number;
  });
  return valued(shape, to, numbers);
}

/** The numbers of a tensor that is broadcast to `shape`, row-major. */
export function spreadNumbers(numbers: readonly number[], from: Shape, shape: Shape): readonly number[] {
  if (numbers.length === elements(shape)) return numbers;
  return Array.from({ length: elements(shape) }, (_, index) => {
    let rest = index;
    let at = 0;
    let stride = 1;
    for (let axis = 1; axis <= shape.length; axis++) {
      const dim = shape.at(-axis) ?? 1;
      const own = axis <= from.length ? (from.at(-axis) ?? 1) : 1;
      if (own !== 1) at += (rest % dim) * stride;
      stride *= own;
      rest = Math.floor(rest / dim);
    }
    return numbers[at] ?? Number.NaN;
  });
}

/** Integer division as ONNX has it, toward zero; floats divide as floats. Division by zero is not followed. */
export const foldDivision =
  (type: number | undefined): Fold =>
  ([a = Number.NaN, b = Number.NaN]) =>
    b === 0 ? Number.NaN : type === ELEMENT.FLOAT ? a / b : Math.trunc(a / b);
