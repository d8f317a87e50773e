import { shaped } from "../known-tensor.ts";
import { broadcast, dimAt, type Shape } from "../tensor-shape.ts";
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

/** numpy.matmul: a vector counts as a row on the left and as a column on the right, and all before a matrix broadcasts. */
function matmulShape(a: Shape, b: Shape): Shape {
  if (a.length === 0 || b.length === 0) throw new Uncountable("multiplies a scalar as a matrix");
  const inner = dimAt(b, b.length === 1 ? 0 : -2);
  if (dimAt(a, -1) !== inner) throw new Uncountable(`multiplies [${a}] by [${b}]`);
  return [
    ...broadcast([a.slice(0, -2), b.slice(0, -2)]),
    ...(a.length === 1 ? [] : a.slice(-2, -1)),
    ...(b.length === 1 ? [] : b.slice(-1)),
  ];
}

/**
 * 2 x elements of the output x inner dimension, and `extra` for each element of the output.
 *
 * @param right the index of the right operand
 */
const matmul = (right: number, extra = 0): Operator => ({
  infer: (call) => [shaped(matmulShape(requiredInput(call, 0).shape, requiredInput(call, right).shape))],
  operations: (call, outputs) =>
    perElement(requiredOutput(outputs), 2n * BigInt(dimAt(requiredInput(call, 0).shape, -1)) + BigInt(extra)),
});

/** The sides of a product [m, k] x [k, n]. */
function gemmSides(call: OperatorCall): { m: number; k: number; n: number } {
  const sides = (index: number, transposed: string): [number, number] => {
    const [rows, columns, ...more] = requiredInput(call, index).shape;
    if (rows === undefined || columns === undefined || more.length > 0)
      throw new Uncountable(`multiplies [${requiredInput(call, index).shape}] as a matrix`);
    return integerAttribute(call, transposed, 0) === 0 ? [rows, columns] : [columns, rows];
  };
  const [m, k] = sides(0, "transA");
  const [inner, n] = sides(1, "transB");
  if (k !== inner) throw new Uncountable(`multiplies [${m},${k}] by [${inner},${n}]`);
  return { m, k, n };
}

/** 2MNK, and MN where a matrix is added. */
const gemm: Operator = {
  infer: (call) => {
    const { m, n } = gemmSides(call);
    return [shaped([m, n])];
  },
  operations: (call, outputs) =>
    perElement(
      requiredOutput(outputs),
      2n * BigInt(gemmSides(call).k) + (optionalInput(call, 2) === null ? 0n : 1n),
    ),
};

export const MATRIX: OperatorTable = {
  Gemm: gemm,
  MatMul: matmul(1),
  MatMulInteger: matmul(1),
  /** Its inputs are a, its scale and zero point, b, ... */
  QLinearMatMul: matmul(3, REQUANTIZE),
};
