import { shaped } from "../known-tensor.ts";
import { dimAt, elements } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import { perElement } from "./each-element.ts";
import {
  integersAttribute,
  type Operator,
  type OperatorCall,
  type OperatorTable,
  requiredInput,
  requiredOutput,
} from "./operator.ts";
import { readWindow, slideWindow } from "./window.ts";

function inferPool(call: OperatorCall) {
  const { shape } = requiredInput(call, 0);
  const kernel = integersAttribute(call, "kernel_shape") ?? [];
  if (kernel.length === 0 || shape.length !== kernel.length + 2)
    throw new Uncountable(`pools [${shape}] with a kernel of ${kernel.length} dimensions`);
  const spatial = slideWindow(call, shape.slice(2), readWindow(call, kernel));
  const pooled = shaped([dimAt(shape, 0), dimAt(shape, 1), ...spatial]);
  return Array.from({ length: call.outputs }, () => pooled);
}

/** Elements of the output x kernel x `factor`. */
const pool = (factor: number): Operator => ({
  infer: inferPool,
  operations: (call, outputs) =>
    perElement(
      requiredOutput(outputs),
      BigInt(factor) * BigInt(elements(integersAttribute(call, "kernel_shape") ?? [])),
    ),
});

/** Over all spatial dimensions: elements of the input x `factor`. */
const globalPool = (factor: number): Operator => ({
  infer: (call) => {
    const { shape } = requiredInput(call, 0);
    if (shape.length < 2) throw new Uncountable(`pools [${shape}]`);
    return [shaped(shape.map((dim, axis) => (axis < 2 ? dim : 1)))];
  },
  operations: (call) => perElement(requiredInput(call, 0).shape, factor),
});

export const POOLING: OperatorTable = {
  AveragePool: pool(1),
  MaxPool: pool(1),
  /** A power and an addition. */
  LpPool: pool(2),
  GlobalAveragePool: globalPool(1),
  GlobalMaxPool: globalPool(1),
  GlobalLpPool: globalPool(2),
};
