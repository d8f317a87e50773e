import type { Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { arbitraryTensor } from "@infernet/schemas/testing/tensor-arbitrary";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeOutputs } from "../merge.ts";
import { isExactInJson, parseList, readListRows } from "./read-list.ts";

const specOf = ({ name, datatype, shape }: Tensor): TensorSpec => ({
  name,
  datatype,
  shape: [null, ...shape.slice(1).map(() => null)],
});

function roundTrip(tensor: Tensor): Tensor[] {
  const merged = mergeOutputs("list", [specOf(tensor)], [[tensor]]);
  if (merged.kind !== "list") throw new Error("a list was asked for");
  return readListRows(parseList(merged.json), [specOf(tensor)]);
}

test("rows of a list are read back to their bytes, unless JSON has lost some of them", () => {
  const datatypes = ["BOOL", "UINT8", "INT16", "UINT32", "INT64", "FP16", "FP32", "FP64"] as const;
  fc.assert(
    fc.property(arbitraryTensor({ datatypes }), (tensor) => {
      // Of rows without elements a list holds no shape.
      fc.pre(tensor.data.length > 0);
      const [read] = roundTrip(tensor);
      if (read === undefined) throw new Error("there is one output");
      if (isExactInJson([read])) expect(read).toEqual(tensor);
      else expect(read.shape).toEqual(tensor.shape);
    }),
  );
});

test("text that held JSON cannot be read back, and other text is never sure", () => {
  const text = (word: string): Tensor => {
    const bytes = new TextEncoder().encode(word);
    return { name: "x", datatype: "BYTES", shape: [1], data: Uint8Array.of(bytes.length, 0, 0, 0, ...bytes) };
  };
  expect(() => roundTrip(text('{"a":1}'))).toThrow();
  expect(roundTrip(text("plain"))).toEqual([text("plain")]);
  expect(isExactInJson([text("plain")])).toBe(false);
});

test("what is no list of objects is refused", () => {
  for (const json of ["{}", "[1]", "[null]", "no"])
    expect(() => parseList(new TextEncoder().encode(json))).toThrow();
});
