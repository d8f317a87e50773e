import { shaped } from "../known-tensor.ts";
import { elements, type Shape } from "../tensor-shape.ts";
import { type Operator, type OperatorCall, requiredInput, requiredOutput } from "./operator.ts";

/** `factor` operations for each element of a shape. */
export const perElement = (shape: Shape, factor: number | bigint = 1): bigint =>
  BigInt(elements(shape)) * BigInt(factor);

/** An operator whose cost is `factor` for each element of its first output. */
export const perOutput = (infer: Operator["infer"], factor: number): Operator => ({
  infer,
  operations: (_, outputs) => perElement(requiredOutput(outputs), factor),
});

/** An operator that computes nothing. */
export const free = (infer: Operator["infer"]): Operator => ({ infer, operations: () => 0n });

/** One output, in the shape of the first input. */
export const likeInput = (call: OperatorCall) => [shaped(requiredInput(call, 0).shape)];
