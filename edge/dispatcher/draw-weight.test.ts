import { expect, test } from "vitest";
import { drawWeight } from "./draw-weight.ts";

const gpu = { name: "any", vram_bytes: 1 };
const gpus = (count: number) => Array.from({ length: count }, () => gpu);

test("twice the cores are one more, and a GPU is worth up to sixteen times the cores", () => {
  const weights = [1, 2, 3, 4, 64].map((cpu_cores) => drawWeight({ cpu_cores, gpus: [] }, cpu_cores));
  expect(weights).toEqual([1, 2, 2, 3, 7]);
  expect(drawWeight({ cpu_cores: 16, gpus: [gpu] }, 16)).toBe(drawWeight({ cpu_cores: 256, gpus: [] }, 256));
  expect(drawWeight({ cpu_cores: 32, gpus: gpus(4) }, 32)).toBe(12);
});

test("a liar who claims 4,096 cores and has two weighs as much as whoever claims two", () => {
  const honest = drawWeight({ cpu_cores: 2, gpus: [] }, 2);
  expect(drawWeight({ cpu_cores: 4_096, gpus: [] }, 2)).toBe(honest);
});

test("64 GPUs that nobody has seen at most double what the cores come to", () => {
  expect(drawWeight({ cpu_cores: 4_096, gpus: gpus(64) }, 2)).toBe(4);
});

test("before it is measured a machine weighs no more than four cores, whatever it claims", () => {
  expect(drawWeight({ cpu_cores: 4_096, gpus: gpus(64) }, null)).toBe(3);
  expect(drawWeight({ cpu_cores: 1, gpus: [] }, null)).toBe(1);
});

test("no claim that a registration may make weighs more than 23, measured or not", () => {
  expect(drawWeight({ cpu_cores: 4_096, gpus: gpus(64) }, 4_096)).toBeLessThanOrEqual(23);
});
