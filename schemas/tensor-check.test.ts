import fc from "fast-check";
import { expect, test } from "vitest";
import { InfernetError } from "./errors.ts";
import { LIMITS } from "./limits.ts";
import type { Tensor, TensorSpec } from "./tensor.ts";
import { assertInputs, assertOutputs, assertTensorBytes } from "./tensor-check.ts";
import { arbitraryTensor } from "./testing/tensor-arbitrary.ts";

const specs: TensorSpec[] = [
  { name: "image", datatype: "FP32", shape: [null, 28, 28] },
  { name: "text", datatype: "BYTES", shape: [null, null] },
];
const image = { name: "image", datatype: "FP32" as const, shape: [3, 28, 28] };
const text = { name: "text", datatype: "BYTES" as const, shape: [3, 5] };

const codeOf = (run: () => unknown): string => {
  try {
    run();
    return "accepted";
  } catch (error) {
    if (!(error instanceof InfernetError)) throw error;
    return [error.code, ...(error.context.errors ?? []).map(({ pointer }) => pointer)].join(" ");
  }
};

test("inputs in any order that fit the model give the number of rows", () => {
  expect(assertInputs([image, text], specs)).toBe(3);
  expect(assertInputs([text, image], specs)).toBe(3);
  expect(assertInputs([{ ...image, datatype: "UINT8" }, text], specs)).toBe(3);
});

test("each way that inputs do not fit is pointed at", () => {
  const at = (path: string) => `input_mismatch /input/tensors${path}`;
  const check = (...tensors: Parameters<typeof assertInputs>[0]) =>
    codeOf(() => assertInputs(tensors, specs));
  expect(check(image)).toBe(at(""));
  expect(check(image, text, image)).toBe(at("/2/name"));
  expect(check(image, { ...text, name: "texts" })).toBe(at("/1/name"));
  expect(check({ ...image, datatype: "FP64" }, text)).toBe(at("/0/datatype"));
  expect(check({ ...image, datatype: "INT32" }, text)).toBe(at("/0/datatype"));
  expect(check({ ...image, shape: [3, 784] }, text)).toBe(at("/0/shape"));
  expect(check({ ...image, shape: [3, 28, 27] }, text)).toBe(at("/0/shape"));
  expect(check(text, { ...image, shape: [4, 28, 28] })).toBe(at("/1/shape/0"));
});

test("no rows and too many rows have codes of their own", () => {
  const check = (rows: number) =>
    codeOf(() =>
      assertInputs(
        [
          { ...image, shape: [rows, 28, 28] },
          { ...text, shape: [rows, 5] },
        ],
        specs,
      ),
    );
  expect(check(0)).toBe("input_empty");
  expect(check(LIMITS.rows_per_job_max)).toBe("accepted");
  expect(check(LIMITS.rows_per_job_max + 1)).toBe("too_many_rows");
});

test("outputs must have the model's names, datatypes, dimensions, the shard's rows and data of that size", () => {
  const spec: TensorSpec[] = [{ name: "y", datatype: "FP32", shape: [null, 2] }];
  const y: Tensor = { name: "y", datatype: "FP32", shape: [2, 2], data: new Uint8Array(16) };
  const check = (...tensors: Tensor[]) => codeOf(() => assertOutputs(tensors, spec, 2));
  expect(check(y)).toBe("accepted");
  expect(check()).toBe("output_invalid");
  expect(check(y, y)).toBe("output_invalid");
  expect(check({ ...y, name: "z" })).toBe("output_invalid");
  expect(check({ ...y, datatype: "FP16", data: new Uint8Array(8) })).toBe("output_invalid");
  expect(check({ ...y, shape: [2, 3], data: new Uint8Array(24) })).toBe("output_invalid");
  expect(check({ ...y, shape: [3, 2], data: new Uint8Array(24) })).toBe("output_invalid");
  expect(check({ ...y, data: new Uint8Array(15) })).toBe("output_invalid");
});

test("data one byte too long or too short never passes for its shape", () => {
  fc.assert(
    fc.property(arbitraryTensor(), (tensor) => {
      assertTensorBytes(tensor);
      const longer = new Uint8Array([...tensor.data, 0]);
      expect(codeOf(() => assertTensorBytes({ ...tensor, data: longer }))).toBe("input_mismatch");
      if (tensor.data.length === 0) return;
      const shorter = tensor.data.subarray(0, -1);
      expect(codeOf(() => assertTensorBytes({ ...tensor, data: shorter }))).toBe("input_mismatch");
    }),
  );
});
