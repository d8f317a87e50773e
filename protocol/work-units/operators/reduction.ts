import { type KnownTensor, shaped, valued } from "../known-tensor.ts";
import { ELEMENT } from "../onnx/onnx-model.ts";
import { dimAt, normalAxes, normalAxis, type Shape } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import { likeInput, perElement, perOutput } from "./each-element.ts";
import {
  integerAttribute,
  integersArgument,
  type Operator,
  type OperatorCall,
  type OperatorTable,
  requiredInput,
} from "./operator.ts";

/** Operations for each element of the input. */
const COSTS = {
  ReduceLogSum: 1,
  ReduceMax: 1,
  ReduceMean: 1,
  ReduceMin: 1,
  ReduceSum: 1,
  /** Absolute value or square, and add. */
  ReduceL1: 2,
  ReduceL2: 2,
  ReduceSumSquare: 2,
  /** Maximum, subtract, exponential, add. */
  ReduceLogSumExp: 4,
} as const;

function reduceShape(call: OperatorCall): Shape | null {
  const { shape } = requiredInput(call, 0);
  const axes = integersArgument(call, 1, "axes");
  if (axes === null) return null;
  const none = axes === "absent" || axes.length === 0;
  if (none && integerAttribute(call, "noop_with_empty_axes", 0) !== 0) return shape;
  const reduced = normalAxes(none ? shape.map((_, axis) => axis) : axes, shape.length);
  return dropAxes(shape, reduced, integerAttribute(call, "keepdims", 1) !== 0);
}

const dropAxes = (shape: Shape, axes: ReadonlySet<number>, keep: boolean): Shape =>
  keep ? shape.map((dim, axis) => (axes.has(axis) ? 1 : dim)) : shape.filter((_, axis) => !axes.has(axis));

const perInput = (infer: Operator["infer"], factor: number): Operator => ({
  infer,
  operations: (call) => perElement(requiredInput(call, 0).shape, factor),
});

const shapeOnly = (call: OperatorCall) => {
  const shape = reduceShape(call);
  return shape === null ? null : [shaped(shape)];
};

/** A product of known sizes is known: models flatten with it. */
function inferProduct(call: OperatorCall): KnownTensor[] | null {
  const shape = reduceShape(call);
  if (shape === null) return null;
  const { shape: from, values } = requiredInput(call, 0);
  const whole = from.length === 1 && values?.element_type === ELEMENT.INT64;
  if (!whole || shape.some((dim) => dim !== 1) || !values.numbers.every(Number.isFinite))
    return [shaped(shape)];
  const product = values.numbers.reduce((total, number) => total * number, 1);
  return [valued(shape, ELEMENT.INT64, Number.isSafeInteger(product) ? [product] : [])];
}

function inferArg(call: OperatorCall): KnownTensor[] {
  const { shape } = requiredInput(call, 0);
  const axis = normalAxis(integerAttribute(call, "axis", 0), shape.length);
  return [shaped(dropAxes(shape, new Set([axis]), integerAttribute(call, "keepdims", 1) !== 0))];
}

/** The `k` greatest along an axis: elements of the input x bits of k, as from a heap. */
const topK: Operator = {
  infer: (call) => {
    const { shape } = requiredInput(call, 0);
    const k = greatestCount(call);
    if (k === null) return null;
    const axis = normalAxis(integerAttribute(call, "axis", -1), shape.length);
    if (k > dimAt(shape, axis)) throw new Uncountable(`takes ${k} of ${dimAt(shape, axis)} numbers`);
    const taken = shaped(shape.map((dim, i) => (i === axis ? k : dim)));
    return [taken, taken];
  },
  operations: (call, [output]) => {
    const { shape } = requiredInput(call, 0);
    const axis = normalAxis(integerAttribute(call, "axis", -1), shape.length);
    return perElement(shape, BigInt(dimAt(output ?? shape, axis)).toString(2).length);
  },
};

function greatestCount(call: OperatorCall): number | null {
  const k = integersArgument(call, 1, "k");
  return k === "absent" ? integerAttribute(call, "k", 1) : (k?.[0] ?? null);
}

export const REDUCTION: OperatorTable = {
  ...Object.fromEntries(Object.entries(COSTS).map(([name, cost]) => [name, perInput(shapeOnly, cost)])),
  ReduceProd: perInput(inferProduct, 1),
  ArgMax: perInput(inferArg, 1),
  ArgMin: perInput(inferArg, 1),
  CumSum: perOutput(likeInput, 1),
  TopK: topK,
};
