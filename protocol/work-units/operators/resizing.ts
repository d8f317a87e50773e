import { type KnownTensor, shaped } from "../known-tensor.ts";
import { dimAt, type Shape } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import { perElement } from "./each-element.ts";
import {
  integersAttribute,
  type Operator,
  type OperatorCall,
  type OperatorTable,
  optionalInput,
  requiredInput,
  requiredOutput,
  textAttribute,
} from "./operator.ts";

/** Neighbours read along each resized dimension; without interpolation one number is moved. */
const NEIGHBOURS: ReadonlyMap<string, number> = new Map([
  ["nearest", 1],
  ["linear", 2],
  ["cubic", 4],
]);

/** floor(dim x scale) in single precision, as engines have it, or the asked sizes. */
const resize = (scalesAt: number, sizesAt: number | null): Operator => ({
  infer: (call) => inferResize(call, scalesAt, sizesAt),
  operations: (call, outputs) => {
    const output = requiredOutput(outputs);
    return perElement(output, perNumber(call, requiredInput(call, 0).shape, output));
  },
});

function inferResize(call: OperatorCall, scalesAt: number, sizesAt: number | null): KnownTensor[] | null {
  const { shape } = requiredInput(call, 0);
  if (integersAttribute(call, "axes") !== null) throw new Uncountable("resizes some axes");
  if (textAttribute(call, "keep_aspect_ratio_policy", "stretch") !== "stretch")
    throw new Uncountable("keeps an aspect ratio");
  const sizes = sizesAt === null ? null : optionalInput(call, sizesAt);
  if (sizes !== null) {
    if (sizes.values && sizes.values.numbers.length !== shape.length)
      throw new Uncountable(`resizes [${shape}] to [${sizes.values.numbers}]`);
    return sizes.values && [shaped(sizes.values.numbers)];
  }
  const scales = requiredInput(call, scalesAt).values?.numbers;
  return scales
    ? [shaped(shape.map((dim, axis) => Math.floor(Math.fround(dim * dimAt(scales, axis)))))]
    : null;
}

/** A multiply-add for each of the neighbours^(resized dimensions) numbers that make one. */
function perNumber(call: OperatorCall, from: Shape, to: Shape): bigint {
  const neighbours = NEIGHBOURS.get(textAttribute(call, "mode", "nearest"));
  if (neighbours === undefined) throw new Uncountable(`resizes by ${textAttribute(call, "mode", "")}`);
  const resized = to.filter((dim, axis) => dim !== from[axis]).length;
  return neighbours === 1 ? 1n : 2n * BigInt(neighbours) ** BigInt(resized);
}

export const RESIZING: OperatorTable = {
  Resize: resize(2, 3),
  Upsample: resize(1, null),
};
