import { ExecutionClass } from "@infernet/schemas/execution-class";
import type { Datatype, Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { joinBytes } from "@infernet/schemas/tensor-bytes";
import { expect, test } from "vitest";
import { compareSealedRows } from "./compare-sealed.ts";
import { tolerancesFor } from "./compare-tolerances.ts";

const boundsIn = (name: string) => (datatype: Datatype) =>
  tolerancesFor(null, ExecutionClass.parse(name), ExecutionClass.parse(name), datatype);
const float = boundsIn("onnx/1.30.0/cpu/fp32");
const exact = boundsIn("onnx/1.30.0/cpu/int8");

const scores: TensorSpec = { name: "scores", datatype: "FP32", shape: [null, 1] };
const label: TensorSpec = { name: "label", datatype: "INT64", shape: [null] };
/** Sealed rows of one byte each. */
const sealed = (name: string, ...rows: number[]): Tensor => ({
  ...{ name, datatype: "UINT8", shape: [rows.length, 1], data: Uint8Array.from(rows) },
});

test("equal sealed rows match, whatever they hold", () => {
  const output = [sealed("scores", 1, 2), sealed("label", 3, 4)];
  expect(compareSealedRows(output, output, [scores, label], float)).toMatchObject({
    ...{ zone: "match", deviation: null, angle: null, worst_row: null },
    rows: { match: 2, unclear: 0, fraud: 0 },
  });
});

test("unequal sealed floats are fraud where honest machines give the same bits, and unclear elsewhere", () => {
  const [a, b] = [[sealed("scores", 1, 2, 3)], [sealed("scores", 1, 9, 3)]];
  expect(compareSealedRows(a, b, [scores], exact)).toMatchObject({
    ...{ zone: "fraud", worst_row: 1 },
    rows: { match: 2, unclear: 0, fraud: 1 },
  });
  expect(compareSealedRows(a, b, [scores], float)).toMatchObject({
    ...{ zone: "unclear", worst_row: 1 },
    rows: { match: 2, unclear: 1, fraud: 0 },
  });
});

test("a row counts once, by the worst of its outputs", () => {
  const a = [sealed("scores", 1, 2, 3), sealed("label", 1, 2, 3)];
  const b = [sealed("scores", 8, 9, 3), sealed("label", 1, 9, 3)];
  expect(compareSealedRows(a, b, [scores, label], float)).toMatchObject({
    ...{ zone: "fraud", worst_row: 1 },
    rows: { match: 1, unclear: 1, fraud: 1 },
  });
});

test("rows whose sealed sizes differ are unequal rows", () => {
  const texts: TensorSpec = { name: "t", datatype: "BYTES", shape: [null] };
  const of = (...rows: string[]): Tensor => ({
    ...{ name: "t", datatype: "BYTES", shape: [rows.length] },
    data: joinBytes(rows.map((row) => new TextEncoder().encode(row))),
  });
  const compared = compareSealedRows([of("ab", "c", "d")], [of("ab", "cc", "d")], [texts], float);
  expect(compared).toMatchObject({ zone: "fraud", worst_row: 1, rows: { match: 2, unclear: 0, fraud: 1 } });
});
