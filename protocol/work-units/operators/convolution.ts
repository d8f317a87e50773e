import { shaped } from "../known-tensor.ts";
import { dimAt, elements, type Shape } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import { perElement } from "./each-element.ts";
import {
  integerAttribute,
  type Operator,
  type OperatorCall,
  type OperatorTable,
  optionalInput,
  requiredInput,
  requiredOutput,
} from "./operator.ts";
import { REQUANTIZE } from "./quantization.ts";
import { readWindow, slideWindow, unslideWindow } from "./window.ts";

/** Where a convolution has its weights and its bias, and what it does to each number besides. */
interface Layout {
  weights: number;
  /** Null for an operator that takes none. */
  bias: number | null;
  extra: number;
}

/** Images [n, channels, ...spatial], a kernel for each pair of channels, groups of channels that do not mix. */
function readSides(call: OperatorCall, layout: Layout) {
  const images = requiredInput(call, 0).shape;
  const weights = requiredInput(call, layout.weights).shape;
  const groups = integerAttribute(call, "group", 1);
  if (images.length < 3 || images.length !== weights.length || !Number.isSafeInteger(groups) || groups < 1)
    throw new Uncountable(`convolves [${images}] with [${weights}] in ${groups} groups`);
  return { images, weights, groups, window: readWindow(call, weights.slice(2)) };
}

const bias = (call: OperatorCall, { bias, extra }: Layout): bigint =>
  BigInt(extra) + (bias !== null && optionalInput(call, bias) !== null ? 1n : 0n);

/** 2 x elements of the output x (channels in / groups) x kernel; one more for each element of the output with a bias. */
const convolution = (layout: Layout): Operator => ({
  infer: (call) => {
    const { images, weights, groups, window } = readSides(call, layout);
    const [out, perGroup] = [dimAt(weights, 0), dimAt(weights, 1)];
    if (dimAt(images, 1) !== perGroup * groups || out % groups !== 0)
      throw new Uncountable(`convolves [${images}] with [${weights}] in ${groups} groups`);
    return [shaped([dimAt(images, 0), out, ...slideWindow(call, images.slice(2), window)])];
  },
  operations: (call, outputs) => {
    const perNumber = 2n * perElement(requiredInput(call, layout.weights).shape.slice(1));
    return perElement(requiredOutput(outputs), perNumber + bias(call, layout));
  },
});

const TRANSPOSED: Layout = { weights: 1, bias: 2, extra: 0 };

/** 2 x elements of the input x (channels out / groups) x kernel; one for each element of the output with a bias. */
const transposed: Operator = {
  infer: (call) => {
    const { images, weights, groups, window } = readSides(call, TRANSPOSED);
    if (dimAt(images, 1) !== dimAt(weights, 0) || dimAt(weights, 0) % groups !== 0)
      throw new Uncountable(`convolves [${images}] with [${weights}] in ${groups} groups`);
    const spatial: Shape = unslideWindow(call, images.slice(2), window);
    return [shaped([dimAt(images, 0), dimAt(weights, 1) * groups, ...spatial])];
  },
  operations: (call, outputs) => {
    const perNumber = 2 * elements(requiredInput(call, 1).shape.slice(1));
    return (
      perElement(requiredInput(call, 0).shape, perNumber) +
      perElement(requiredOutput(outputs), bias(call, TRANSPOSED))
    );
  },
};

export const CONVOLUTION: OperatorTable = {
  Conv: convolution({ weights: 1, bias: 2, extra: 0 }),
  ConvInteger: convolution({ weights: 1, bias: null, extra: 0 }),
  /** Its inputs are x, its scale and zero point, w, its two, those of the output, and the bias. */
  QLinearConv: convolution({ weights: 3, bias: 8, extra: REQUANTIZE }),
  ConvTranspose: transposed,
};
