import fc from "fast-check";
import { expect, test } from "vitest";
import { type Datatype, ELEMENT_BYTES } from "./tensor.ts";
import { type FixedDatatype, isFixed, numbersOf, viewElements } from "./tensor-elements.ts";
import { widensTo, widenTensor } from "./tensor-widen.ts";
import { arbitraryTensor } from "./testing/tensor-arbitrary.ts";

const fixed = Object.keys(ELEMENT_BYTES) as FixedDatatype[];

test("widening keeps every value", () => {
  fc.assert(
    fc.property(arbitraryTensor({ datatypes: fixed }), fc.constantFrom(...fixed), (tensor, to) => {
      fc.pre(isFixed(tensor) && widensTo(tensor.datatype, to));
      const wide = widenTensor(tensor, to);
      expect(wide.datatype).toBe(to);
      if (isFixed(tensor))
        expect(Array.from(numbersOf(to, wide.data))).toEqual(
          Array.from(numbersOf(tensor.datatype, tensor.data)),
        );
    }),
  );
});

test("the extremes of each datatype survive every widening it has", () => {
  const data = Uint8Array.from({ length: 64 }, (_, i) => (i % 2 ? 0xff : 0x7f));
  for (const from of ["UINT8", "UINT16", "UINT32", "INT8", "INT16", "INT32"] as const)
    for (const to of fixed.filter((datatype) => datatype !== from && widensTo(from, datatype))) {
      const shape = [64 / ELEMENT_BYTES[from]];
      const wide = widenTensor({ name: "x", datatype: from, shape, data }, to);
      expect(Array.from(viewElements(from, data), Number)).toEqual(Array.from(numbersOf(to, wide.data)));
    }
});

test("a datatype that could lose a value is no widening", () => {
  const losing: [Datatype, Datatype][] = [
    ["UINT8", "INT8"],
    ["INT8", "UINT16"],
    ["UINT16", "FP16"],
    ["INT32", "FP32"],
    ["INT64", "FP64"],
    ["FP64", "FP32"],
    ["FP32", "FP16"],
    ["BYTES", "UINT8"],
    ["BOOL", "FP32"],
  ];
  for (const [from, to] of losing) expect(widensTo(from, to), `${from} to ${to}`).toBe(false);
  expect(() =>
    widenTensor({ name: "x", datatype: "FP32", shape: [0], data: new Uint8Array() }, "FP16"),
  ).toThrow(RangeError);
});

test("a tensor that has the datatype already is returned as it is", () => {
  const tensor = { name: "x", datatype: "FP32" as const, shape: [0], data: new Uint8Array() };
  expect(widenTensor(tensor, "FP32")).toBe(tensor);
});
