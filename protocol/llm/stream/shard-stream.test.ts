import { ExecutionClass } from "@infernet/schemas/execution-class";
import { expect, it } from "vitest";
import { continuedHow } from "./shard-stream.ts";

const continued = (...classes: string[]) => continuedHow(classes.map((one) => ExecutionClass.parse(one)));

it("is gone on with exactly by the same class alone, and never by servers", () => {
  const [cpu, webgpu] = ["llm/1.30.0/cpu/fp32", "llm/1.30.0/webgpu/fp32"];
  expect(continued(cpu)).toBeNull();
  expect(continued(cpu, cpu)).toBe("exact");
  expect(continued(cpu, webgpu)).toBe("best_effort");
  expect(continued("openai/vllm-0.11.0/cuda/fp16", "openai/vllm-0.11.0/cuda/fp16")).toBe("best_effort");
});
