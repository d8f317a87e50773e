import { shaped } from "../known-tensor.ts";
import { likeInput, perOutput } from "./each-element.ts";
import type { OperatorTable } from "./operator.ts";
import { requiredInput } from "./operator.ts";

/** Operations that bring one number to 8 bits: divide, round, add the zero point. */
export const REQUANTIZE = 3;
/** Subtract the zero point, multiply. */
const DEQUANTIZE = 2;
/** Minimum and maximum over the tensor. */
const FIND_RANGE = 2;

export const QUANTIZATION: OperatorTable = {
  QuantizeLinear: perOutput(likeInput, REQUANTIZE),
  DequantizeLinear: perOutput(likeInput, DEQUANTIZE),
  /** Outputs: the numbers, their scale and their zero point. */
  DynamicQuantizeLinear: perOutput(
    (call) => [shaped(requiredInput(call, 0).shape), shaped([]), shaped([])],
    FIND_RANGE + REQUANTIZE,
  ),
};
