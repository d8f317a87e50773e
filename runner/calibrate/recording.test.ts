import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import type { Tensor } from "@infernet/schemas/tensor";
import { expect, it } from "vitest";
import { parseRecording, type Recording, renderRecording } from "./recording.ts";

const tensors: Tensor[] = [
  { name: "bits", datatype: "UINT8", shape: [256], data: Uint8Array.from({ length: 256 }, (_, i) => i) },
  { name: "nothing", datatype: "FP32", shape: [0, 4], data: new Uint8Array() },
  { name: "odd", datatype: "BOOL", shape: [1], data: new Uint8Array([1]) },
];
const recording: Recording = {
  type: "infernet.recording.v1",
  model: Sha256.parse("ab".repeat(32)),
  input: Sha256.parse("cd".repeat(32)),
  rows: 1,
  machine: "a processor",
  classes: [
    {
      execution_class: ExecutionClass.parse("onnx/1.30.0/cpu/fp32"),
      outputs: [{ runs: [{ threads: 1, batch: null, graph_optimization: "all" }], tensors }],
    },
  ],
};

it("is read as it was written, every bit of it", () => {
  expect(parseRecording(renderRecording(recording))).toEqual(recording);
});

it("is nothing else", () => {
  expect(() => parseRecording("{}")).toThrow();
  expect(() => parseRecording("not JSON")).toThrow(SyntaxError);
});
