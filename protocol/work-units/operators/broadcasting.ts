import { COUNT_LIMITS } from "../count-limits.ts";
import { type Fold, foldDivision, foldElements, spreadNumbers } from "../fold-values.ts";
import { type KnownTensor, shaped, valued } from "../known-tensor.ts";
import { ELEMENT } from "../onnx/onnx-model.ts";
import { broadcast, elements } from "../tensor-shape.ts";
import { perElement, perOutput } from "./each-element.ts";
import {
  type Operator,
  type OperatorCall,
  type OperatorTable,
  requiredInput,
  requiredOutput,
} from "./operator.ts";

/** Operators of two inputs whose values no shape depends on: one operation for each element. */
const PLAIN = ["BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Pow", "Xor"];

type Pair = (a: number, b: number) => number;

const ARITHMETIC: Readonly<Record<string, Pair>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  /** Signs are where its two kinds differ: then it is not followed. */
  Mod: (a, b) => (a >= 0 && b > 0 ? a % b : Number.NaN),
};

const COMPARISONS: Readonly<Record<string, Pair>> = {
  And: (a, b) => a * b,
  Or: (a, b) => Math.max(a, b),
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
};

const pairs = (call: OperatorCall): [KnownTensor, KnownTensor] => [
  requiredInput(call, 0),
  requiredInput(call, 1),
];

const foldPair =
  (pair: Pair): Fold =>
  ([a = Number.NaN, b = Number.NaN]) =>
    pair(a, b);

const binary = (pair: Pair, result_type?: number): Operator =>
  perOutput((call) => [foldElements(pairs(call), foldPair(pair), result_type)], 1);

const plain: Operator = perOutput((call) => [shaped(broadcast(pairs(call).map((input) => input.shape)))], 1);

const division: Operator = perOutput((call) => {
  const [a, b] = pairs(call);
  return [foldElements([a, b], foldDivision(a.values?.element_type))];
}, 1);

/** Of any number of inputs: one operation for each element and input after the first, and `last` more. */
const variadic = (fold: Fold, last = 0): Operator => ({
  infer: (call) => [
    foldElements(
      call.inputs.map((_, i) => requiredInput(call, i)),
      fold,
    ),
  ],
  operations: (call, outputs) => perElement(requiredOutput(outputs), call.inputs.length - 1 + last),
});

/** Chooses between two values: known where all three inputs are. */
function inferWhere(call: OperatorCall): KnownTensor[] {
  const inputs = [0, 1, 2].map((index) => requiredInput(call, index));
  const shape = broadcast(inputs.map((input) => input.shape));
  const [condition, yes, no] = inputs.map(({ values, shape: from }) =>
    values && elements(shape) <= COUNT_LIMITS.values_per_tensor_max
      ? spreadNumbers(values.numbers, from, shape)
      : null,
  );
  const type = inputs[1]?.values?.element_type;
  if (!condition || !yes || !no || type === undefined || inputs[2]?.values?.element_type !== type)
    return [shaped(shape)];
  const numbers = condition.map((chosen, i) => (chosen === 0 ? no[i] : yes[i]) ?? Number.NaN);
  return [valued(shape, type, numbers)];
}

/** Element-wise operators of several inputs that broadcast: one operation for each element of the output. */
export const BROADCASTING: OperatorTable = {
  ...Object.fromEntries(PLAIN.map((name) => [name, plain])),
  ...Object.fromEntries(Object.entries(ARITHMETIC).map(([name, pair]) => [name, binary(pair)])),
  ...Object.fromEntries(
    Object.entries(COMPARISONS).map(([name, pair]) => [name, binary(pair, ELEMENT.BOOL)]),
  ),
  Div: division,
  Max: variadic((operands) => Math.max(...operands)),
  Min: variadic((operands) => Math.min(...operands)),
  Sum: variadic((operands) => operands.reduce((sum, operand) => sum + operand, 0)),
  Mean: variadic((operands) => operands.reduce((sum, operand) => sum + operand, 0) / operands.length, 1),
  Where: perOutput(inferWhere, 1),
};
