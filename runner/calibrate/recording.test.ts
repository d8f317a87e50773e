import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { arbitraryTensor } from "@infernet/schemas/testing/tensor-arbitrary";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseRecording, type Recording, renderRecording } from "./recording.ts";

it("is read as it was written, every bit of it", () => {
  fc.assert(
    fc.property(arbitraryTensor(), (tensor) => {
      const recording: Recording = {
        type: "infernet.recording.v1",
        model: Sha256.parse("ab".repeat(32)),
        input: Sha256.parse("cd".repeat(32)),
        rows: 1,
        machine: "a processor",
        classes: [
          {
            execution_class: ExecutionClass.parse("onnx/1.30.0/cpu/fp32"),
            outputs: [{ runs: [{ threads: 1, batch: null, graph_optimization: "all" }], tensors: [tensor] }],
          },
        ],
      };
      expect(parseRecording(renderRecording(recording))).toEqual(recording);
    }),
  );
});

it("is nothing else", () => {
  expect(() => parseRecording("{}")).toThrow();
  expect(() => parseRecording("not JSON")).toThrow(SyntaxError);
});
