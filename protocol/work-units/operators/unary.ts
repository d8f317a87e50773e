import { type Fold, foldElements } from "../fold-values.ts";
import { valued } from "../known-tensor.ts";
import { ELEMENT } from "../onnx/onnx-model.ts";
import { likeInput, perElement, perOutput } from "./each-element.ts";
import {
  integerAttribute,
  type Operator,
  type OperatorCall,
  type OperatorTable,
  requiredInput,
  requiredOutput,
  textAttribute,
} from "./operator.ts";

/** Operations for each element: one for a function of one number, and for others as many as their parts have. */
const COSTS = {
  Acos: 1,
  Acosh: 1,
  Asin: 1,
  Asinh: 1,
  Atan: 1,
  Atanh: 1,
  BitwiseNot: 1,
  CastLike: 1,
  Cos: 1,
  Cosh: 1,
  Erf: 1,
  Exp: 1,
  IsInf: 1,
  IsNaN: 1,
  Log: 1,
  Reciprocal: 1,
  Relu: 1,
  Round: 1,
  Sigmoid: 1,
  Sign: 1,
  Sin: 1,
  Sinh: 1,
  Sqrt: 1,
  Tan: 1,
  Tanh: 1,
  /** Compare, multiply. */
  LeakyRelu: 2,
  PRelu: 2,
  ThresholdedRelu: 2,
  /** Minimum, maximum. */
  Clip: 2,
  Shrink: 2,
  /** Sigmoid, multiply. */
  Swish: 2,
  /** Exponential, subtract, multiply. */
  Elu: 3,
  /** Exponential, add, logarithm. */
  Softplus: 3,
  /** Absolute value, add, divide. */
  Softsign: 3,
  Celu: 4,
  Selu: 4,
  /** Multiply, add, minimum, maximum. */
  HardSigmoid: 4,
  HardSwish: 5,
  /** Softplus, hyperbolic tangent, multiply. */
  Mish: 5,
} as const;

/** x * 0.5 * (1 + erf(x / sqrt 2)): 5. With tanh for erf, its polynomial is 3 more. */
const GELU = { erf: 5, tanh: 8 } as const;

const FOLDS: Readonly<Record<string, Fold>> = {
  Abs: ([a = Number.NaN]) => Math.abs(a),
  Ceil: ([a = Number.NaN]) => Math.ceil(a),
  Floor: ([a = Number.NaN]) => Math.floor(a),
  Neg: ([a = Number.NaN]) => -a,
  Not: ([a = Number.NaN]) => 1 - a,
};

const folded = (fold: Fold): Operator =>
  perOutput((call) => [foldElements([requiredInput(call, 0)], fold)], 1);

const gelu: Operator = {
  infer: likeInput,
  operations: (call, outputs) =>
    perElement(
      requiredOutput(outputs),
      textAttribute(call, "approximate", "none") === "tanh" ? GELU.tanh : GELU.erf,
    ),
};

/** Values are followed into the types of shapes, toward zero as the engine rounds. */
function inferCast(call: OperatorCall) {
  const { shape, values } = requiredInput(call, 0);
  const to = integerAttribute(call, "to", 0);
  if (values === null) return likeInput(call);
  const convert = (number: number) => {
    if (to === ELEMENT.BOOL) return number === 0 ? 0 : 1;
    return to === ELEMENT.FLOAT ? Math.fround(number) : Math.trunc(number);
  };
  return [valued(shape, to, values.numbers.map(convert))];
}

export const UNARY: OperatorTable = {
  ...Object.fromEntries(Object.entries(COSTS).map(([name, cost]) => [name, perOutput(likeInput, cost)])),
  ...Object.fromEntries(Object.entries(FOLDS).map(([name, fold]) => [name, folded(fold)])),
  Cast: perOutput(inferCast, 1),
  Gelu: gelu,
};
