import type { Datatype, Tensor } from "@infernet/schemas/tensor";
import { bytesOf } from "@infernet/schemas/tensor-elements";
import { arbitraryTensor } from "@infernet/schemas/testing/tensor-arbitrary";
import fc from "fast-check";
import { expect, test } from "vitest";
import { outputsAgree } from "./compare.ts";

const fp32 = (...values: number[]): Tensor => ({
  name: "y",
  datatype: "FP32",
  shape: [values.length],
  data: bytesOf(Float32Array.from(values)),
});
const fp64 = (...values: number[]): Tensor => ({
  ...fp32(...values),
  datatype: "FP64",
  data: bytesOf(Float64Array.from(values)),
});
const agree = (a: Tensor, b: Tensor): boolean => outputsAgree([a], [b]);

test("any output agrees with itself, in any order of its tensors", () => {
  fc.assert(
    fc.property(arbitraryTensor(), arbitraryTensor(), (x, y) => {
      const copy = [
        { ...y, name: "y" },
        { ...x, data: x.data.slice() },
      ];
      expect(outputsAgree([x, { ...y, name: "y" }], copy)).toBe(true);
    }),
  );
});

test("agreement does not depend on which output comes first", () => {
  const values = fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 6 });
  const factor = fc.double({ min: 0.999, max: 1.001, noNaN: true });
  fc.assert(
    fc.property(values, factor, (list, by) => {
      const a = fp32(...list);
      const b = fp32(...list.map((value) => value * by));
      expect(agree(a, b)).toBe(agree(b, a));
    }),
  );
});

test("floats agree within rounding and not beyond the tolerance", () => {
  const honest = fp32(1, -2, 3, 1e-6);
  expect(agree(honest, fp32(1.00001, -2, 3, 1.1e-6))).toBe(true);
  expect(agree(honest, fp32(1.001, -2, 3, 1e-6))).toBe(false);
  expect(agree(honest, fp32(1, -2, -3, 1e-6))).toBe(false);
});

test("FP16 is given more room than FP32", () => {
  const half = (...bits: number[]): Tensor => ({
    ...fp32(...bits),
    datatype: "FP16",
    data: bytesOf(Uint16Array.from(bits)),
  });
  expect(agree(half(0x3c00, 0x4000), half(0x3c01, 0x4000))).toBe(true);
  expect(agree(half(0x3c00, 0x4000), half(0x3e00, 0x4000))).toBe(false);
});

test("non-finite values agree only with the same in the same place, and hide nothing beside them", () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  expect(agree(fp32(nan, 1, inf), fp32(nan, 1.000001, inf))).toBe(true);
  expect(agree(fp32(nan, 1), fp32(1, nan))).toBe(false);
  expect(agree(fp32(inf, 1), fp32(-inf, 1))).toBe(false);
  expect(agree(fp32(inf, 1), fp32(3e38, 1))).toBe(false);
  expect(agree(fp32(inf, 1), fp32(inf, 2))).toBe(false);
});

test("values whose squares overflow or vanish are compared all the same", () => {
  expect(agree(fp64(1e300, -1e300), fp64(1e300, 1e300))).toBe(false);
  expect(agree(fp64(1e-300, -1e-300), fp64(1e-300, 1e-300))).toBe(false);
  expect(agree(fp64(1e300, -1e300), fp64(1e300, -1.0000000001e300))).toBe(true);
});

test("zeros agree with zeros of either sign and with nothing else", () => {
  expect(agree(fp32(0, -0), fp32(-0, 0))).toBe(true);
  expect(agree(fp32(0, 0), fp32(0, 1e-30))).toBe(false);
});

test("integers and BYTES must be equal in every byte", () => {
  const datatypes: Datatype[] = ["INT64", "UINT8", "BOOL", "BYTES"];
  fc.assert(
    fc.property(arbitraryTensor({ datatypes }), fc.nat(), (tensor, at) => {
      fc.pre(tensor.data.length > 0);
      const data = tensor.data.slice();
      const i = at % data.length;
      data[i] = (data[i] ?? 0) ^ 1;
      expect(agree(tensor, { ...tensor, data })).toBe(false);
    }),
  );
});

test("another name, datatype, shape or number of tensors never agrees", () => {
  const y = fp32(1, 2);
  expect(agree(y, { ...y, name: "z" })).toBe(false);
  expect(agree(y, { ...y, datatype: "INT32" })).toBe(false);
  expect(agree(y, { ...y, shape: [1, 2] })).toBe(false);
  expect(outputsAgree([y], [y, y])).toBe(false);
  expect(outputsAgree([y, { ...y, name: "z" }], [y, y])).toBe(false);
});
