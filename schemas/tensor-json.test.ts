import fc from "fast-check";
import { expect, test } from "vitest";
import { InfernetError } from "./errors.ts";
import { Datatype, elementCount, type Tensor, type TensorJson } from "./tensor.ts";
import { joinBytes } from "./tensor-bytes.ts";
import { bytesOf } from "./tensor-elements.ts";
import { parseTensorJson, renderTensorJson } from "./tensor-json.ts";
import { arbitraryTensor } from "./testing/tensor-arbitrary.ts";

const throughJson = (tensor: Tensor): Tensor =>
  parseTensorJson(JSON.parse(JSON.stringify(renderTensorJson(tensor))), "");

const refusal = (json: TensorJson): { code: string; pointer: string | undefined } => {
  try {
    parseTensorJson(json, "/input/tensors/0");
  } catch (error) {
    if (error instanceof InfernetError)
      return { code: error.code, pointer: error.context.errors?.[0]?.pointer };
    throw error;
  }
  throw new Error("the tensor was accepted");
};

const integers = Datatype.options.filter((datatype) => /INT|BOOL/.test(datatype));

test("integers and booleans come back from JSON byte for byte", () => {
  fc.assert(
    fc.property(arbitraryTensor({ datatypes: integers }), (tensor) => {
      expect(throughJson(tensor)).toEqual(tensor);
    }),
  );
});

test("floats come back from JSON as the same values, the non-finite ones as strings", () => {
  fc.assert(
    fc.property(fc.array(fc.float(), { minLength: 1 }), (values) => {
      const elements = Float32Array.from(values);
      const tensor: Tensor = { name: "x", datatype: "FP32", shape: [values.length], data: bytesOf(elements) };
      const back = new Float32Array(throughJson(tensor).data.buffer);
      expect(Array.from(back, (value) => value + 0)).toEqual(values.map((value) => value + 0));
    }),
  );
  const data = bytesOf(Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY));
  const tensor: Tensor = { name: "x", datatype: "FP64", shape: [3], data };
  expect(renderTensorJson(tensor).data).toEqual(["NaN", "Infinity", "-Infinity"]);
  expect(throughJson(tensor)).toEqual(tensor);
});

test("strings come back from JSON byte for byte, a byte order mark included", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (strings) => {
      const data = joinBytes(["\ufeffmark", ...strings].map((text) => new TextEncoder().encode(text)));
      const tensor: Tensor = { name: "x", datatype: "BYTES", shape: [strings.length + 1], data };
      expect(throughJson(tensor)).toEqual(tensor);
    }),
  );
});

test("BYTES that are not UTF-8 have no JSON form", () => {
  const tensor: Tensor = { name: "x", datatype: "BYTES", shape: [1], data: joinBytes([Uint8Array.of(0xff)]) };
  expect(() => renderTensorJson(tensor)).toThrow(expect.objectContaining({ code: "not_acceptable" }));
});

test("nested data is the same tensor as flat data", () => {
  fc.assert(
    fc.property(arbitraryTensor({ datatypes: integers }), (tensor) => {
      const flat = renderTensorJson(tensor);
      const nest = (shape: readonly number[], offset: number): unknown[] => {
        const [size = 0, ...rest] = shape;
        const step = elementCount(rest);
        return Array.from({ length: size }, (_, i) =>
          rest.length ? nest(rest, offset + i * step) : flat.data[offset + i],
        );
      };
      expect(parseTensorJson({ ...flat, data: nest(flat.shape, 0) }, "")).toEqual(tensor);
    }),
  );
});

test("a refusal points at the array or element at fault", () => {
  const shape = [2, 2];
  const json = { name: "x", datatype: "UINT8" as const, shape };
  const at = (path: string) => ({ code: "input_mismatch", pointer: `/input/tensors/0/data${path}` });
  expect(refusal({ ...json, data: [1, 2, 3] })).toEqual(at(""));
  expect(refusal({ ...json, data: [1, 2, 256, 4] })).toEqual(at("/2"));
  expect(refusal({ ...json, data: [[1, 2], [3]] })).toEqual(at("/1"));
  expect(refusal({ ...json, data: [[1, 2], 3] })).toEqual(at("/1"));
  expect(
    refusal({
      ...json,
      data: [
        [1, 2],
        [3, 0.5],
      ],
    }),
  ).toEqual(at("/1/1"));
  expect(
    refusal({
      ...json,
      data: [
        [1, 2],
        [3, [4]],
      ],
    }),
  ).toEqual(at("/1/1"));
  expect(refusal({ ...json, shape: [2 ** 31 - 1, 2 ** 31 - 1], data: [] })).toEqual(at(""));
});

test("data nested far deeper than the shape is refused, not followed", () => {
  let deep: unknown[] = [];
  for (let i = 0; i < 200_000; i++) deep = [deep];
  expect(refusal({ name: "x", datatype: "FP32", shape: [1, 1], data: deep }).code).toBe("input_mismatch");
});

test("a string that UTF-8 cannot hold is refused, not repaired", () => {
  expect(refusal({ name: "x", datatype: "BYTES", shape: [1], data: ["\ud800"] }).code).toBe("input_mismatch");
});
