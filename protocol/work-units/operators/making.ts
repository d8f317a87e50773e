import { COUNT_LIMITS } from "../count-limits.ts";
import { type KnownTensor, shaped, valued } from "../known-tensor.ts";
import { ELEMENT, type OnnxAttribute } from "../onnx/onnx-model.ts";
import { broadcast, elements } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import { free, perOutput } from "./each-element.ts";
import { integerAttribute, type OperatorCall, type OperatorTable, requiredInput } from "./operator.ts";

/** What each attribute of `Constant` makes; lists of floats are not followed. */
const CONSTANTS: ReadonlyMap<string, (attribute: OnnxAttribute) => KnownTensor | null> = new Map(
  Object.entries({
    value: ({ tensor }: OnnxAttribute) =>
      tensor &&
      (tensor.numbers ? valued(tensor.dims, tensor.element_type, tensor.numbers) : shaped(tensor.dims)),
    value_int: ({ integer }: OnnxAttribute) => valued([], ELEMENT.INT64, [integer]),
    value_ints: ({ integers }: OnnxAttribute) => valued([integers.length], ELEMENT.INT64, integers),
    value_float: ({ float }: OnnxAttribute) => valued([], ELEMENT.FLOAT, [float]),
    value_string: () => shaped([]),
  }),
);

function inferConstant(call: OperatorCall): KnownTensor[] {
  const [entry, ...more] = call.attributes;
  const constant = entry && CONSTANTS.get(entry[0])?.(entry[1]);
  if (!constant || more.length > 0) throw new Uncountable("has no value that is followed");
  return [constant];
}

/** Zeros of the asked shape, or `value` everywhere. */
function inferFilled(call: OperatorCall): KnownTensor[] | null {
  const shape = requiredInput(call, 0).values?.numbers;
  if (!shape) return null;
  const filler = call.attributes.get("value")?.tensor;
  const number = filler ? filler.numbers?.[0] : 0;
  const type = filler ? filler.element_type : ELEMENT.FLOAT;
  if (number === undefined || elements(shape) > COUNT_LIMITS.values_per_tensor_max) return [shaped(shape)];
  return [
    valued(
      shape,
      type,
      Array.from({ length: elements(shape) }, () => number),
    ),
  ];
}

/** The dimensions from `start` to `end`, as numbers. */
function inferShape(call: OperatorCall): KnownTensor[] {
  const { shape } = requiredInput(call, 0);
  const end = call.attributes.get("end")?.integer;
  const dims = shape.slice(integerAttribute(call, "start", 0), end ?? shape.length);
  return [valued([dims.length], ELEMENT.INT64, dims)];
}

/** max(0, ceil((limit - start) / delta)) numbers. */
function inferRange(call: OperatorCall): KnownTensor[] | null {
  const [start, limit, delta] = [0, 1, 2].map((index) => requiredInput(call, index).values);
  const [from, to, step] = [start?.numbers[0], limit?.numbers[0], delta?.numbers[0]];
  if (start === null || start === undefined || from === undefined || to === undefined || step === undefined)
    return null;
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length <= COUNT_LIMITS.values_per_tensor_max)) return [shaped([length])];
  return [
    valued(
      [length],
      start.element_type,
      Array.from({ length }, (_, i) => from + i * step),
    ),
  ];
}

function inferExpand(call: OperatorCall): KnownTensor[] | null {
  const { shape } = requiredInput(call, 0);
  const asked = requiredInput(call, 1).values?.numbers;
  return asked ? [shaped(broadcast([shape, asked]))] : null;
}

/** Operators that make tensors: those whose numbers are in the file or in a shape are free, others one for each element. */
export const MAKING: OperatorTable = {
  Constant: free(inferConstant),
  Shape: free(inferShape),
  Size: free((call) => [valued([], ELEMENT.INT64, [elements(requiredInput(call, 0).shape)])]),
  ConstantOfShape: perOutput(inferFilled, 1),
  EyeLike: perOutput((call) => [shaped(requiredInput(call, 0).shape)], 1),
  Range: perOutput(inferRange, 1),
  Expand: perOutput(inferExpand, 1),
};
