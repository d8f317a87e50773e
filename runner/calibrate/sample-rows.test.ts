import { createHash } from "node:crypto";
import { ModelManifest } from "@infernet/schemas/model";
import type { TensorSpec } from "@infernet/schemas/tensor";
import { assertInputs, assertTensorBytes } from "@infernet/schemas/tensor-check";
import { numbersOf } from "@infernet/schemas/tensor-elements";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { expect, it } from "vitest";
import { sampleRows } from "./sample-rows.ts";

const manifestOf = (inputs: TensorSpec[]): ModelManifest =>
  ModelManifest.parse({
    engine: "onnx",
    entry: "m.onnx",
    files: [{ path: "m.onnx", sha256: "0".repeat(64), bytes: 1 }],
    inputs,
    outputs: inputs,
  });

const names = [
  "FP16",
  "FP32",
  "FP64",
  "UINT8",
  "INT8",
  "BOOL",
  "UINT16",
  "INT32",
  "UINT64",
  "INT64",
] as const;
const every = manifestOf(names.map((datatype) => ({ name: datatype, datatype, shape: [null, 3, 2] })));

it("makes rows that the model takes, of every datatype", () => {
  const inputs = sampleRows(every, 7, 1);
  expect(assertInputs(inputs, every.inputs)).toBe(7);
  for (const input of inputs) assertTensorBytes(input);
});

it("makes the same bits from the same seed on every machine, and others from another", () => {
  const digest = (seed: number) =>
    createHash("sha256")
      .update(encodeTensors(sampleRows(every, 7, seed)))
      .digest("hex");
  expect(digest(1)).toBe("db65eed7adf488007d8ff35160fe46469370f82121cb3f225fec8f663cd5e0d6");
  expect(digest(2)).not.toBe(digest(1));
});

it("makes floats of mean 0 and deviation 1", () => {
  const [input] = sampleRows(manifestOf([{ name: "x", datatype: "FP32", shape: [null, 100] }]), 100, 1);
  const values = Array.from(numbersOf("FP32", input?.data ?? new Uint8Array()));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.05);
  expect(Math.abs(variance - 1)).toBeLessThan(0.05);
});

it("asks for rows where the manifest leaves their form open", () => {
  const text = manifestOf([{ name: "text", datatype: "BYTES", shape: [null] }]);
  const free = manifestOf([{ name: "x", datatype: "FP32", shape: [null, null] }]);
  for (const manifest of [text, free])
    expect(() => sampleRows(manifest, 1, 1)).toThrow(
      /Nobody knows what rows of '(text|x)' look like.*--input/,
    );
});
