import { Calibration } from "@infernet/schemas/calibration";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { expect, test } from "vitest";
import {
  COARSE_GENERATION_BOUNDS,
  FINE_GENERATION_BOUNDS,
  generationTolerances,
} from "./generation-tolerances.ts";

const classOf = (provider: string, precision: string) =>
  ExecutionClass.parse(`llm/1.30.0/${provider}/${precision}`);
const cpu = classOf("cpu", "fp32");
const gpu = classOf("webgpu", "fp32");
const half = classOf("webgpu", "fp16");

test("completions of FP32 are held to what FP32 keeps, those of fewer bits to less", () => {
  expect(generationTolerances(null, cpu, gpu)).toBe(FINE_GENERATION_BOUNDS);
  expect(generationTolerances(null, half, half)).toBe(COARSE_GENERATION_BOUNDS);
});

test("a class of its maker's own words makes nothing match: two precisions are held to FP32", () => {
  expect(generationTolerances(null, cpu, half)).toBe(FINE_GENERATION_BOUNDS);
});

test("what was calibrated for two classes goes before, in either order", () => {
  const pair = {
    classes: [cpu, gpu] as [ExecutionClass, ExecutionClass],
    inner: { deviation: 2e-3, angle: 1e-3 },
    outer: { deviation: 1e-2, angle: 5e-3 },
    observed: { rows: 9, deviation_p999: 1e-3, deviation_max: 1e-3, angle_p999: 0, angle_max: 0 },
  };
  const calibration = Calibration.parse({ model: "ab".repeat(32), rows: 9, runs: 2, pairs: [pair] });
  for (const [a, b] of [
    [cpu, gpu],
    [gpu, cpu],
  ] as const)
    expect(generationTolerances(calibration, a, b)).toMatchObject({ outer: pair.outer });
  expect(generationTolerances(calibration, cpu, cpu)).toBe(FINE_GENERATION_BOUNDS);
});
