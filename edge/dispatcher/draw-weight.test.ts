import { expect, test } from "vitest";
import { drawWeight } from "./draw-weight.ts";

const gpu = { name: "any", vram_bytes: 1 };

test("twice the cores are one more, and a GPU is worth sixteen times the cores", () => {
  const weights = [1, 2, 3, 4, 64].map((cpu_cores) => drawWeight({ cpu_cores, gpus: [] }));
  expect(weights).toEqual([1, 2, 2, 3, 7]);
  expect(drawWeight({ cpu_cores: 4, gpus: [gpu] })).toBe(drawWeight({ cpu_cores: 64, gpus: [] }));
  expect(drawWeight({ cpu_cores: 4, gpus: [gpu, gpu] })).toBe(8);
});

test("no claim that a registration may make weighs more than 25", () => {
  expect(drawWeight({ cpu_cores: 4_096, gpus: Array.from({ length: 64 }, () => gpu) })).toBeLessThanOrEqual(
    25,
  );
});
