import { ExecutionClass } from "@infernet/schemas/execution-class";
import type { Datatype, Tensor } from "@infernet/schemas/tensor";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import { bytesOf } from "@infernet/schemas/tensor-elements";
import { arbitraryTensor } from "@infernet/schemas/testing/tensor-arbitrary";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareRows } from "./compare.ts";
import { COARSE_BOUNDS, EXACT, FP32_BOUNDS, tolerancesFor } from "./compare-tolerances.ts";

const cpu = ExecutionClass.parse("onnx/1.30.0/cpu/fp32");
const defaults = (datatype: Datatype) => tolerancesFor(null, cpu, cpu, datatype);
const compare = (a: Tensor[], b: Tensor[]) => compareRows(a, b, defaults);
const zone = (a: Tensor, b: Tensor) => compare([a], [b]).zone;

const fp32 = (...rows: number[][]): Tensor => ({
  name: "y",
  datatype: "FP32",
  shape: [rows.length, rows[0]?.length ?? 0],
  data: bytesOf(Float32Array.from(rows.flat())),
});
const fp64 = (...rows: number[][]): Tensor => ({
  ...fp32(...rows),
  datatype: "FP64",
  data: bytesOf(Float64Array.from(rows.flat())),
});

/** Ten numbers of ordinary size. */
const wide = [1, -2, 3, 0.5, -1.5, 2.5, -0.25, 1.25, -3, 0.75];
const scaled = (row: number[], by: number) => row.map((value) => value * by);
/** The row with one number moved by a share of the row's size. */
const nudged = (row: number[], by: number) => row.map((value, i) => (i === 3 ? value + by : value));

test("any output matches itself, in any order of its tensors", () => {
  fc.assert(
    fc.property(arbitraryTensor(), arbitraryTensor(), (x, y) => {
      const copy = [
        { ...y, name: "y" },
        { ...x, data: x.data.slice() },
      ];
      const same = compare([x, { ...y, name: "y" }], copy);
      expect(same).toMatchObject({ zone: "match", rows: { unclear: 0, fraud: 0 }, worst_row: null });
    }),
  );
});

test("the comparison does not depend on which output comes first, nor on the order of the tensors", () => {
  const values = fc.array(fc.float({ noDefaultInfinity: true }), { minLength: 12, maxLength: 12 });
  const width = fc.constantFrom(1, 2, 3, 4, 6, 12);
  const factor = fc.double({ min: 0.999, max: 1.001, noNaN: true });
  fc.assert(
    fc.property(values, values, width, factor, (first, second, columns, by) => {
      const tensor = (name: string, list: number[]): Tensor => ({
        name,
        datatype: "FP32",
        shape: [list.length / columns, columns],
        data: bytesOf(Float32Array.from(list)),
      });
      const a = [tensor("y", first), tensor("z", second)];
      const b = [
        tensor("z", second),
        tensor(
          "y",
          first.map((value) => value * by),
        ),
      ];
      expect(compare(a, b)).toEqual(compare(b, a));
    }),
  );
});

test("rows match within rounding, are unclear beyond it and fraud where no rounding reaches", () => {
  const zones = [1e-6, 1e-5, 6e-5, 1e-4, 1e-3].map((by) => zone(fp32(wide), fp32(nudged(wide, by))));
  expect(zones).toEqual(["match", "match", "unclear", "unclear", "fraud"]);
});

test("a small turn of a whole row is seen by its angle where no single number gives it away", () => {
  const long = Array.from({ length: 1_000 }, (_, i) => Math.sin(i + 1));
  const turned = long.map((value, i) => value + (i % 2 === 0 ? 6e-5 : -6e-5));
  const { zone, deviation, angle } = compare([fp32(long)], [fp32(turned)]);
  expect(deviation).toBeLessThan(FP32_BOUNDS.outer.deviation);
  expect(angle).toBeGreaterThan(FP32_BOUNDS.outer.angle);
  expect(zone).toBe("fraud");
});

test("one wrong row among large ones does not hide, and is named", () => {
  const rows = Array.from({ length: 2_000 }, (_, i) => scaled(wide, i === 1_234 ? 1 : 1e6));
  const forged = rows.map((row, i) => (i === 1_234 ? nudged(row, 1e-2) : nudged(row, 1)));
  expect(compare([fp32(...rows)], [fp32(...forged)])).toMatchObject({
    zone: "fraud",
    rows: { match: 1_999, unclear: 0, fraud: 1 },
    worst_row: 1_234,
  });
});

test("the row that is named is of the zone that decides", () => {
  const long = Array.from({ length: 1_000 }, (_, i) => Math.sin(i + 1));
  const turned = long.map((value, i) => value + (i % 2 === 0 ? 1.1e-5 : -1.1e-5));
  const pushed = long.map((value, i) => (i === 0 ? value * (1 + 3e-5) : value));
  expect(compare([fp32(long, long)], [fp32(pushed, turned)])).toMatchObject({
    zone: "unclear",
    rows: { match: 1, unclear: 1 },
    worst_row: 1,
  });
});

test("a number that cancelled to nearly nothing is measured by the usual row, not by itself", () => {
  const column = [0.9, -1.2, 1.1, 1e-7, 0.8, -0.7, 1.3, -1, 0.6].map((value) => [value]);
  const honest = column.map(([value = 0]) => [value + 2e-6]);
  const wrong = column.map(([value = 0], i) => [i === 3 ? -1e-3 : value]);
  expect(zone(fp32(...column), fp32(...honest))).toBe("match");
  expect(zone(fp32(...column), fp32(...wrong))).toBe("fraud");
});

test("a number that just came through where the other machine cut it off is measured by the usual row", () => {
  const silent = scaled(wide, 0);
  expect(zone(fp32(wide, wide, silent), fp32(wide, wide, nudged(silent, 1e-6)))).toBe("match");
  expect(zone(fp32(wide, wide, silent), fp32(wide, wide, nudged(silent, 1e-2)))).toBe("fraud");
});

test("a few huge rows do not hide a narrow one", () => {
  const column = [1e9, 1, -1, 1, 0.5, -0.5, 0.8, -0.9, 1.2, 1e9].map((value) => [value]);
  const wrong = column.map(([value = 0], i) => [i === 4 ? 0.6 : value]);
  expect(zone(fp32(...column), fp32(...wrong))).toBe("fraud");
});

test("among fewer than eight numbers only gross differences are fraud", () => {
  expect(zone(fp32([1e-3]), fp32([1.001e-3]))).toBe("unclear");
  expect(zone(fp32([1e-3]), fp32([2e-3]))).toBe("fraud");
  expect(zone(fp32([1e-3]), fp32([-1e-3]))).toBe("fraud");
  expect(zone(fp32([1]), fp32([1.000001]))).toBe("match");
});

test("a row of zeros is no match for anything but what cannot be told from zeros", () => {
  const zeros = scaled(wide, 0);
  expect(zone(fp32(zeros), fp32(scaled(zeros, -1)))).toBe("match");
  expect(zone(fp32(zeros), fp32(scaled(wide, 1e-30)))).toBe("fraud");
  expect(zone(fp32(zeros), fp32(scaled(wide, 1e-39)))).toBe("match");
});

test("non-finite values match only the same in the same place, and hide nothing beside them", () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  expect(zone(fp32([nan, ...wide, inf]), fp32([nan, ...nudged(wide, 1e-6), inf]))).toBe("match");
  expect(zone(fp32([nan, ...wide]), fp32([...wide, nan]))).toBe("fraud");
  expect(zone(fp32([inf, ...wide]), fp32([-inf, ...wide]))).toBe("fraud");
  expect(zone(fp32([inf, ...wide]), fp32([3e38, ...wide]))).toBe("fraud");
  expect(zone(fp32([inf, ...wide]), fp32([inf, ...nudged(wide, 1e-2)]))).toBe("fraud");
});

test("distances are numbers that JSON can carry, or null", () => {
  const { POSITIVE_INFINITY: inf } = Number;
  expect(compare([fp32([inf, ...wide])], [fp32([1, ...wide])])).toMatchObject({
    deviation: null,
    angle: null,
  });
  expect(compare([fp64([1e308])], [fp64([-1e308])])).toMatchObject({ deviation: 1, angle: 2 });
  expect(compare([fp32(wide)], [fp32(wide)])).toMatchObject({ deviation: 0, angle: 0 });
  const label: Tensor = { name: "y", datatype: "INT8", shape: [1], data: new Uint8Array([1]) };
  expect(compare([label], [label])).toMatchObject({ deviation: null, angle: null });
});

test("values whose squares overflow or vanish are compared all the same", () => {
  for (const size of [5e307, 1e300, 1e-300]) {
    const row = scaled(wide, size);
    expect(zone(fp64(row), fp64(nudged(row, -size)))).toBe("fraud");
    expect(zone(fp64(row), fp64(nudged(row, size * 1e-10)))).toBe("match");
  }
});

test("FP16 is given the room of its rounding", () => {
  const half = (...bits: number[]): Tensor => ({
    name: "y",
    datatype: "FP16",
    shape: [1, bits.length],
    data: bytesOf(Uint16Array.from(bits)),
  });
  const row = Array.from({ length: 10 }, (_, i) => 0x3c00 + 37 * i);
  const moved = (by: number) => half(...row.map((bits, i) => (i === 2 ? bits + by : bits)));
  expect(zone(half(...row), moved(8))).toBe("match");
  expect(zone(half(...row), moved(0x0c00))).toBe("fraud");
  expect(defaults("FP16")).toBe(COARSE_BOUNDS);
});

test("where bits must be the same, floats are equal as numbers or fraud", () => {
  const exact = (a: Tensor, b: Tensor) => compareRows([a], [b], () => EXACT).zone;
  expect(exact(fp32([0, Number.NaN]), fp32([-0, Number.NaN]))).toBe("match");
  expect(exact(fp32(wide), fp32(nudged(wide, 2e-7)))).toBe("fraud");
  expect(exact(fp32([0]), fp32([1e-45]))).toBe("fraud");
  expect(exact(fp32([1]), fp32([1 + 2 ** -23]))).toBe("fraud");
  expect(exact(fp64([1e308, 5e-324]), fp64([1e308, 0]))).toBe("fraud");
});

test("integers and BYTES must be equal in every byte, and the row that is not is named", () => {
  const datatypes: Datatype[] = ["INT64", "UINT8", "BOOL", "BYTES"];
  fc.assert(
    fc.property(arbitraryTensor({ datatypes }), fc.nat(), (tensor, at) => {
      fc.pre(tensor.data.length > 0);
      const data = tensor.data.slice();
      const i = at % data.length;
      data[i] = (data[i] ?? 0) ^ 1;
      expect(zone(tensor, { ...tensor, data })).toBe("fraud");
    }),
  );
  const labels: Tensor = { name: "l", datatype: "INT32", shape: [3], data: new Uint8Array(12) };
  const other = { ...labels, data: new Uint8Array(12).fill(1, 4, 5) };
  expect(compare([labels], [other])).toMatchObject({ rows: { match: 2, fraud: 1 }, worst_row: 1 });
  const text = (...words: string[]): Tensor => ({
    name: "t",
    datatype: "BYTES",
    shape: [words.length],
    data: joinBytes(words.map((word) => new TextEncoder().encode(word))),
  });
  expect(compare([text("a", "bc", "d")], [text("a", "b", "cd")])).toMatchObject({
    rows: { match: 1, fraud: 2 },
    worst_row: 1,
  });
});

test("the worst tensor of a row decides about the row", () => {
  const y = fp32(wide, wide);
  const z = { ...fp32(wide, nudged(wide, 6e-5)), name: "z" };
  const a = [y, { ...y, name: "z" }];
  expect(compare(a, [y, z])).toMatchObject({ zone: "unclear", rows: { match: 1, unclear: 1 }, worst_row: 1 });
});

test("another name, datatype, shape or number of tensors is fraud in every row", () => {
  const y = fp32(wide, wide);
  const misfits: Tensor[][] = [
    [],
    [y, y],
    [{ ...y, name: "z" }],
    [{ ...y, datatype: "INT32" }],
    [{ ...y, shape: [1, 20] }],
    [{ ...y, data: y.data.subarray(4) }],
  ];
  for (const misfit of misfits)
    expect(compare([y], misfit)).toMatchObject({ zone: "fraud", rows: { fraud: 2 }, deviation: null });
  expect(compare([y, { ...y, name: "z" }], [y, y]).zone).toBe("fraud");
});

test("where every bit is fixed, no difference is small enough", () => {
  const exact = ExecutionClass.parse("wasm/1/cpu/exact");
  const bitwise = (a: Tensor, b: Tensor) =>
    compareRows([a], [b], (datatype) => tolerancesFor(null, exact, exact, datatype));
  const answer = fp32(wide, wide, [...wide].reverse());
  expect(bitwise(answer, fp32(wide, wide, [...wide].reverse()))).toMatchObject({
    zone: "match",
    deviation: 0,
  });
  const lastBit = answer.data.slice();
  lastBit[wide.length * 4] = (lastBit[wide.length * 4] ?? 0) ^ 1;
  expect(bitwise(answer, { ...answer, data: lastBit })).toMatchObject({
    zone: "fraud",
    rows: { match: 2, unclear: 0, fraud: 1 },
    worst_row: 1,
  });
  expect(bitwise(fp32([0]), fp32([-0])).zone).toBe("fraud");
  expect(bitwise(fp32([Number.NaN]), fp32([Number.NaN])).zone).toBe("match");
});
