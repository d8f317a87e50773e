import { expect, test } from "vitest";
import { foldDivision, foldElements, spreadNumbers } from "./fold-values.ts";
import { type KnownTensor, shaped, valued } from "./known-tensor.ts";
import { ELEMENT } from "./onnx/onnx-model.ts";

const int64 = (...numbers: number[]) => valued([numbers.length], ELEMENT.INT64, numbers);
const float = (...numbers: number[]) => valued([numbers.length], ELEMENT.FLOAT, numbers);
const sum = (operands: readonly number[]) => operands.reduce((total, number) => total + number, 0);

test("numbers spread over a shape as they broadcast to it", () => {
  expect(spreadNumbers([1, 2, 3], [3], [2, 3])).toEqual([1, 2, 3, 1, 2, 3]);
  expect(spreadNumbers([1, 2], [2, 1], [2, 3])).toEqual([1, 1, 1, 2, 2, 2]);
  expect(spreadNumbers([7], [], [2, 2])).toEqual([7, 7, 7, 7]);
});

test("integers divide toward zero, floats in single precision, and nothing by zero", () => {
  const divide = (a: KnownTensor, b: KnownTensor) =>
    foldElements([a, b], foldDivision(a.values?.element_type)).values?.numbers;
  expect(divide(int64(7, -7), int64(2))).toEqual([3, -3]);
  expect(divide(float(1), float(3))).toEqual([Math.fround(1 / 3)]);
  expect(divide(int64(7), int64(0))).toBeUndefined();
});

test("a result is known only where all operands are, finite, of one type, and it stays within that", () => {
  const add = (...operands: KnownTensor[]) => foldElements(operands, sum).values?.numbers;
  expect(add(int64(1, 2), int64(3))).toEqual([4, 5]);
  expect(add(int64(1), shaped([1]))).toBeUndefined();
  expect(add(int64(1), float(1))).toBeUndefined();
  expect(add(int64(1), int64(Number.POSITIVE_INFINITY))).toBeUndefined();
  expect(add(int64(2 ** 52), int64(2 ** 52))).toBeUndefined();
  expect(add(...Array.from({ length: 17 }, () => int64(1)))).toBeUndefined();
  const int32 = valued([1], ELEMENT.INT32, [2 ** 31 - 1]);
  expect(add(int32, int32)).toBeUndefined();
});

test("an unknown result still has its shape", () => {
  expect(foldElements([int64(1, 2), shaped([3, 1])], sum)).toEqual(shaped([3, 2]));
});
