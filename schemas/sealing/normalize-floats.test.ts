import { expect, test } from "vitest";
import { encodeHalf } from "../half.ts";
import type { Tensor } from "../tensor.ts";
import { bytesOf } from "../tensor-elements.ts";
import { normalizeFloats } from "./normalize-floats.ts";

const VALUES = [0, -0, 1.5, -2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
const tensorOf = (datatype: Tensor["datatype"], view: ArrayBufferView<ArrayBuffer>): Tensor => ({
  ...{ name: "x", datatype, shape: [VALUES.length], data: bytesOf(view) },
});

test.each([
  { tensor: tensorOf("FP16", Uint16Array.from(VALUES, encodeHalf)), size: 2, nan: [0x00, 0x7e] },
  { tensor: tensorOf("FP32", Float32Array.from(VALUES)), size: 4, nan: [0, 0, 0xc0, 0x7f] },
  { tensor: tensorOf("FP64", Float64Array.from(VALUES)), size: 8, nan: [0, 0, 0, 0, 0, 0, 0xf8, 0x7f] },
])("a $tensor.datatype has one zero and one NaN, and other values stay", ({ tensor, size, nan }) => {
  const odd = { ...tensor, data: tensor.data.slice() };
  // A NaN of another payload and sign.
  odd.data[6 * size] = 1;
  odd.data[7 * size - 1] = 0xff;
  const { data } = normalizeFloats(odd);
  const at = (n: number): number[] => [...data.subarray(n * size, (n + 1) * size)];
  expect(at(1)).toEqual(at(0));
  expect(at(6)).toEqual(nan);
  for (const n of [0, 2, 3, 4, 5]) expect(at(n)).toEqual([...tensor.data.subarray(n * size, (n + 1) * size)]);
  expect(normalizeFloats({ ...odd, data })).toEqual({ ...odd, data });
});

test("what is spelled so already, and what is no float, is handed on as it is", () => {
  const plain = tensorOf("FP32", Float32Array.of(1, 2));
  expect(normalizeFloats(plain)).toBe(plain);
  const integers = tensorOf("INT32", Int32Array.of(-2147483648));
  expect(normalizeFloats(integers)).toBe(integers);
});
