import type { EngineOffer } from "@infernet/schemas/runner";
import { expect, it } from "vitest";
import type { Engine } from "../engine/engine.ts";
import { pickEngine } from "./pick-engine.ts";

const engineOf = (change: Partial<EngineOffer>): Engine => ({
  offer: {
    engine: "oci",
    version: "1",
    execution_provider: "cpu",
    formats: ["oci"],
    sandbox: "oci",
    ...change,
  },
  load: () => Promise.reject(new Error("not loaded here")),
});
const onnx = engineOf({ engine: "onnx", execution_provider: "webgpu" });
const gvisor = engineOf({ sandbox: "gvisor" });
const gpu = engineOf({ execution_provider: "cuda" });
const image = (needsGpu: boolean) =>
  ({ engine: "oci", oci: { transport: { kind: "stdio" }, gpu: needsGpu } }) as const;

it("gives a model the engine of its name, on whatever that runs", () => {
  expect(pickEngine([gvisor, onnx], { engine: "onnx" })).toBe(onnx);
  expect(pickEngine([onnx, gvisor, gpu], { engine: "oci" })).toBe(gvisor);
});

it("gives GPUs to images that need one, and to no others", () => {
  expect(pickEngine([gpu, gvisor], image(false))).toBe(gvisor);
  expect(pickEngine([gvisor, gpu], image(true))).toBe(gpu);
});

it("gives a model of a server the engine whose server has it, and blames no job where none has", () => {
  const one = engineOf({ engine: "openai", formats: ["llama3:latest", "qwen"] });
  const other = engineOf({ engine: "openai", formats: ["mistral"] });
  expect(pickEngine([one, other], { engine: "openai", openai: { model: "mistral" } })).toBe(other);
  expect(() => pickEngine([one, other], { engine: "openai", openai: { model: "llama3" } })).toThrow(
    expect.objectContaining({ code: "engine_crashed" }),
  );
});

it("says what is missing", () => {
  expect(() => pickEngine([onnx], image(false))).toThrow("this runner has no engine 'oci'");
  expect(() => pickEngine([gvisor], image(true))).toThrow("the image needs a GPU");
});
