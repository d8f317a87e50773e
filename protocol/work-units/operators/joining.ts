import { COUNT_LIMITS } from "../count-limits.ts";
import { type KnownTensor, shaped, valued } from "../known-tensor.ts";
import { dimAt, listShapes, normalAxis, type Shape } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import { perElement, perOutput } from "./each-element.ts";
import {
  integerAttribute,
  integersArgument,
  type Operator,
  type OperatorCall,
  type OperatorTable,
  requiredInput,
} from "./operator.ts";

const withDim = (shape: Shape, axis: number, dim: number): Shape =>
  shape.map((own, i) => (i === axis ? dim : own));

function inferConcat(call: OperatorCall): KnownTensor[] {
  const inputs = call.inputs.map((_, i) => requiredInput(call, i));
  const first = requiredInput(call, 0).shape;
  const axis = normalAxis(integerAttribute(call, "axis", 1), first.length);
  const rest = withDim(first, axis, 0).join();
  if (inputs.some(({ shape }) => shape.length !== first.length || withDim(shape, axis, 0).join() !== rest))
    throw new Uncountable(`concatenates ${listShapes(inputs.map(({ shape }) => shape))}`);
  const shape = withDim(
    first,
    axis,
    inputs.reduce((sum, input) => sum + dimAt(input.shape, axis), 0),
  );
  return [concatValues(inputs, shape)];
}

function concatValues(inputs: readonly KnownTensor[], shape: Shape): KnownTensor {
  const type = inputs[0]?.values?.element_type;
  if (type === undefined || shape.length !== 1 || dimAt(shape, 0) > COUNT_LIMITS.values_per_tensor_max)
    return shaped(shape);
  const lists = inputs.map(({ values }) => (values?.element_type === type ? values?.numbers : undefined));
  if (lists.includes(undefined)) return shaped(shape);
  return valued(
    shape,
    type,
    lists.flatMap((list) => list ?? []),
  );
}

/** Sizes along the axis: those asked for, or equal ones with a smaller last. */
function splitSizes(call: OperatorCall, dim: number): readonly number[] | null {
  const asked = integersArgument(call, 1, "split");
  if (asked !== "absent") return asked;
  const parts = integerAttribute(call, "num_outputs", call.outputs);
  if (!(parts >= 1) || parts !== call.outputs) throw new Uncountable(`splits into ${parts} parts`);
  const size = Math.ceil(dim / parts);
  return Array.from({ length: parts }, (_, i) => Math.max(0, Math.min(size, dim - i * size)));
}

const split: Operator = {
  infer: (call) => {
    const { shape, values } = requiredInput(call, 0);
    const axis = normalAxis(integerAttribute(call, "axis", 0), shape.length);
    const sizes = splitSizes(call, dimAt(shape, axis));
    if (sizes === null) return null;
    if (sizes.reduce((sum, size) => sum + size, 0) !== dimAt(shape, axis))
      throw new Uncountable(`splits ${dimAt(shape, axis)} into ${sizes.slice(0, 16).join(" + ")}`);
    let start = 0;
    return sizes.map((size) => {
      const part = values?.numbers.slice(start, start + size);
      start += size;
      const partShape = withDim(shape, axis, size);
      return part && values && shape.length === 1
        ? valued(partShape, values.element_type, part)
        : shaped(partShape);
    });
  },
  operations: (call) => perElement(requiredInput(call, 0).shape),
};

/** Padding at the begin of each axis and then at their ends. */
function inferPad(call: OperatorCall): KnownTensor[] | null {
  const { shape } = requiredInput(call, 0);
  const pads = integersArgument(call, 1, "pads");
  const axes = integersArgument(call, 3, "axes");
  if (pads === null || axes === null) return null;
  if (pads === "absent") throw new Uncountable("lacks its pads");
  const padded = axes === "absent" ? shape.map((_, axis) => axis) : axes;
  if (pads.length !== 2 * padded.length) throw new Uncountable(`pads [${shape}] by ${pads.join(", ")}`);
  const dims = [...shape];
  padded.forEach((at, i) => {
    const axis = normalAxis(at, shape.length);
    dims[axis] = (dims[axis] ?? 0) + (pads[i] ?? 0) + (pads[i + padded.length] ?? 0);
  });
  return [shaped(dims)];
}

function inferTile(call: OperatorCall): KnownTensor[] | null {
  const { shape } = requiredInput(call, 0);
  const repeats = requiredInput(call, 1).values?.numbers;
  if (!repeats) return null;
  if (repeats.length !== shape.length) throw new Uncountable(`repeats [${shape}] by ${repeats.join(", ")}`);
  return [shaped(shape.map((dim, axis) => dim * dimAt(repeats, axis)))];
}

/** Operators that put tensors together or take them apart: one for each element written. */
export const JOINING: OperatorTable = {
  Concat: perOutput(inferConcat, 1),
  Split: split,
  Pad: perOutput(inferPad, 1),
  Tile: perOutput(inferTile, 1),
};
