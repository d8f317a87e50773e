import { COUNT_LIMITS } from "./count-limits.ts";
import { ELEMENT } from "./onnx/onnx-model.ts";
import { elements, type Shape } from "./tensor-shape.ts";

/** Numbers that are known before the model runs, as those a shape is computed from. */
export interface Values {
  element_type: number;
  /** Row-major. */
  numbers: readonly number[];
}

/** What is known of a tensor: its shape always, its values where a shape may depend on them. */
export interface KnownTensor {
  shape: Shape;
  values: Values | null;
}

export const shaped = (shape: Shape): KnownTensor => ({ shape, values: null });

/**
 * A tensor with these numbers, or without values when they are too many or not what the engine would have: integers
 * wrap there, so one that leaves its type is not followed.
 */
export function valued(shape: Shape, element_type: number, numbers: readonly number[]): KnownTensor {
  const kept =
    numbers.length === elements(shape) &&
    numbers.length <= COUNT_LIMITS.values_per_tensor_max &&
    numbers.every((number) => fits(number, element_type));
  return { shape, values: kept ? { element_type, numbers } : null };
}

/** The same numbers in another shape of as many elements. */
export const reshaped = ({ values }: KnownTensor, shape: Shape): KnownTensor => ({
  shape,
  values: values?.numbers.length === elements(shape) ? values : null,
});

/** An integer beyond 2^53 is infinite: it may be moved, and is never computed with. */
function fits(number: number, type: number): boolean {
  switch (type) {
    case ELEMENT.INT64:
      return Number.isSafeInteger(number) || Math.abs(number) === Number.POSITIVE_INFINITY;
    case ELEMENT.INT32:
      return Number.isInteger(number) && number >= -(2 ** 31) && number < 2 ** 31;
    case ELEMENT.BOOL:
      return number === 0 || number === 1;
    case ELEMENT.FLOAT:
      return Math.fround(number) === number;
    default:
      return false;
  }
}
