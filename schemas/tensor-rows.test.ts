import fc from "fast-check";
import { expect, test } from "vitest";
import type { Tensor } from "./tensor.ts";
import { concatRows, gatherRows, rowCount, sliceRows } from "./tensor-rows.ts";
import { arbitraryTensor } from "./testing/tensor-arbitrary.ts";

test("cutting a tensor anywhere and joining the parts gives it back", () => {
  const cut = fc
    .tuple(arbitraryTensor({ rows_max: 12 }), fc.array(fc.nat({ max: 12 })))
    .map(([tensor, points]) => ({ tensor, points: points.filter((point) => point <= rowCount(tensor)) }));
  fc.assert(
    fc.property(cut, ({ tensor, points }) => {
      const bounds = [0, ...points, rowCount(tensor)].sort((a, b) => a - b);
      const parts = bounds
        .slice(1)
        .map((end, i) => sliceRows(tensor, bounds[i] ?? 0, end - (bounds[i] ?? 0)));
      expect(concatRows(parts)).toEqual(tensor);
    }),
  );
});

test("a slice shares its bytes with the tensor, and a single part is returned as it is", () => {
  const tensor: Tensor = { name: "x", datatype: "FP32", shape: [4, 2], data: new Uint8Array(32) };
  const part = sliceRows(tensor, 1, 2);
  expect(part.data.buffer).toBe(tensor.data.buffer);
  expect(part.data.byteOffset).toBe(8);
  expect(concatRows([part])).toBe(part);
});

test("gathered ranges are the rows that single slices would be, in the order of the ranges", () => {
  const picked = fc
    .tuple(
      arbitraryTensor({ rows_max: 12 }),
      fc.array(fc.tuple(fc.nat({ max: 11 }), fc.integer({ min: 1, max: 3 })), { minLength: 1 }),
    )
    .map(([tensor, ranges]) => ({
      tensor,
      ranges: ranges
        .map(([start, count]) => ({ start, count }))
        .filter(({ start, count }) => start + count <= rowCount(tensor)),
    }))
    .filter(({ ranges }) => ranges.length > 0);
  fc.assert(
    fc.property(picked, ({ tensor, ranges }) => {
      const one_by_one = ranges.map(({ start, count }) => sliceRows(tensor, start, count));
      expect(gatherRows(tensor, ranges)).toEqual(concatRows(one_by_one));
    }),
  );
});

test("rows that are not there and parts that differ are refused", () => {
  const tensor: Tensor = { name: "x", datatype: "UINT8", shape: [2, 2], data: new Uint8Array(4) };
  expect(() => sliceRows(tensor, 1, 2)).toThrow(RangeError);
  expect(() => sliceRows(tensor, -1, 1)).toThrow(RangeError);
  expect(() => gatherRows(tensor, [{ start: 1, count: 2 }])).toThrow(RangeError);
  expect(() => gatherRows(tensor, [])).toThrow(RangeError);
  expect(() => concatRows([])).toThrow(RangeError);
  expect(() => concatRows([tensor, { ...tensor, name: "y" }])).toThrow(RangeError);
  expect(() => concatRows([tensor, { ...tensor, shape: [1, 4] }])).toThrow(RangeError);
});
