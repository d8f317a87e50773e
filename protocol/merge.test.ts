import type { Datatype, Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import { bytesOf, numbersOf } from "@infernet/schemas/tensor-elements";
import { rowCount, sliceRows } from "@infernet/schemas/tensor-rows";
import { arbitraryTensor } from "@infernet/schemas/testing/tensor-arbitrary";
import fc from "fast-check";
import { expect, test } from "vitest";
import { assertMergeable, mergeOutputs } from "./merge.ts";

const specOf = (tensor: Tensor): TensorSpec => ({
  name: tensor.name,
  datatype: tensor.datatype,
  shape: [null, ...tensor.shape.slice(1)],
});
const fp32 = (shape: number[], ...values: number[]): Tensor => ({
  name: "y",
  datatype: "FP32",
  shape,
  data: bytesOf(Float32Array.from(values)),
});
const text = (...rows: string[]): Tensor => ({
  name: "text",
  datatype: "BYTES",
  shape: [rows.length],
  data: joinBytes(rows.map((row) => new TextEncoder().encode(row))),
});
const listOf = (...shards: Tensor[][]): unknown => {
  const merged = mergeOutputs("list", (shards[0] ?? []).map(specOf), shards);
  return merged.kind === "list" ? JSON.parse(new TextDecoder().decode(merged.json)) : merged;
};

test("concat gives the whole output back, however it was cut and ordered within shards", () => {
  fc.assert(
    fc.property(arbitraryTensor({ rows_max: 9 }), fc.nat({ max: 9 }), (whole, at) => {
      const cut = Math.min(at, rowCount(whole));
      const other = fp32([rowCount(whole)], ...Array.from({ length: rowCount(whole) }, (_, i) => i));
      const shards = [
        [sliceRows(whole, 0, cut), sliceRows(other, 0, cut)],
        [sliceRows(other, cut, rowCount(whole) - cut), sliceRows(whole, cut, rowCount(whole) - cut)],
      ];
      const merged = mergeOutputs("concat", [specOf(whole), specOf(other)], shards);
      expect(merged).toEqual({ kind: "tensors", tensors: [whole, other] });
    }),
  );
});

test("list gives one object a row, nested as the row is", () => {
  const y = fp32([2, 2, 2], 1, 2, 3, 4, 5, 6, 7, Number.NaN);
  const n: Tensor = { name: "n", datatype: "INT64", shape: [2], data: bytesOf(BigInt64Array.of(1n, -2n)) };
  const shards = [0, 1].map((row) => [sliceRows(y, row, 1), sliceRows(n, row, 1)]);
  expect(listOf(...shards)).toEqual([
    {
      y: [
        [1, 2],
        [3, 4],
      ],
      n: "1",
    },
    {
      y: [
        [5, 6],
        [7, "NaN"],
      ],
      n: "-2",
    },
  ]);
});

test("list opens text that is a JSON object or array, and leaves all other text alone", () => {
  const rows = ['{"a":[1]}', "[1, 2]", "12", "true", '{"a":', "plain", ""];
  const values = [{ a: [1] }, [1, 2], "12", "true", '{"a":', "plain", ""];
  expect(listOf([text(...rows)])).toEqual(values.map((value) => ({ text: value })));
});

test("list takes rows whose shape differs between shards, concat and sum refuse them", () => {
  const shards = [[fp32([1, 1], 1)], [fp32([1, 2], 2, 3)]];
  const specs: TensorSpec[] = [{ name: "y", datatype: "FP32", shape: [null, null] }];
  expect(listOf(...shards)).toEqual([{ y: [1] }, { y: [2, 3] }]);
  const refused = expect.objectContaining({ code: "output_invalid" });
  expect(() => mergeOutputs("concat", specs, shards)).toThrow(refused);
  expect(() => mergeOutputs("sum", specs, shards)).toThrow(refused);
});

test("bytes that are not UTF-8 cannot be listed", () => {
  const binary: Tensor = { ...text(""), data: joinBytes([Uint8Array.of(0xff)]) };
  expect(() => listOf([binary])).toThrow(expect.objectContaining({ code: "output_invalid" }));
});

test("sum and mean do not depend on how the rows were cut", () => {
  const datatypes: Datatype[] = ["UINT8", "INT32", "INT64", "FP16", "FP32", "FP64", "BOOL"];
  const whole = arbitraryTensor({ datatypes, rows_max: 9 }).filter((tensor) => rowCount(tensor) > 0);
  fc.assert(
    fc.property(
      whole,
      fc.nat({ max: 9 }),
      fc.constantFrom("sum" as const, "mean" as const),
      (tensor, at, merge) => {
        const cut = Math.min(at, rowCount(tensor));
        const parts = [[sliceRows(tensor, 0, cut)], [sliceRows(tensor, cut, rowCount(tensor) - cut)]];
        expect(mergeOutputs(merge, [specOf(tensor)], parts)).toEqual(
          mergeOutputs(merge, [specOf(tensor)], [[tensor]]),
        );
      },
    ),
  );
});

test("sum and mean add in double precision and give one FP64 row", () => {
  const shards = [[fp32([2, 2], 2 ** 24, 1, 1, 2)], [fp32([2, 2], 1, 3, 2, 4)]];
  const specs = [specOf(fp32([1, 2]))];
  const values = (merge: "sum" | "mean") => {
    const merged = mergeOutputs(merge, specs, shards);
    if (merged.kind !== "tensors") return merged;
    return merged.tensors.map(({ datatype, shape, data }) => [
      datatype,
      shape,
      Array.from(numbersOf("FP64", data)),
    ]);
  };
  expect(values("sum")).toEqual([["FP64", [1, 2], [2 ** 24 + 4, 10]]]);
  expect(values("mean")).toEqual([["FP64", [1, 2], [2 ** 22 + 1, 2.5]]]);
});

test("a sum of BYTES is refused before any work is done", () => {
  const specs = [specOf(fp32([1], 1)), specOf(text("a"))];
  const refused = expect.objectContaining({ code: "input_mismatch" });
  expect(() => assertMergeable("sum", specs)).toThrow(refused);
  expect(() => assertMergeable("mean", specs)).toThrow(refused);
  expect(() => assertMergeable("concat", specs)).not.toThrow();
  expect(() => assertMergeable("list", specs)).not.toThrow();
  expect(() => assertMergeable("mean", specs.slice(0, 1))).not.toThrow();
});
