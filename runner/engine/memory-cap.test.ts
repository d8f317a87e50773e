import { LIMITS } from "@infernet/schemas/limits";
import { expect, it } from "vitest";
import { machineMemoryLimit, memoryCap } from "./memory-cap.ts";

const GIB = 1024 ** 3;

it("holds a model to a multiple of what its manifest says, and to the owner's bound", () => {
  expect(memoryCap(GIB, 16 * GIB)).toBe(GIB * LIMITS.engine_memory_slack);
  expect(memoryCap(GIB, 1.5 * GIB)).toBe(1.5 * GIB);
  expect(memoryCap(1, 16 * GIB)).toBe(LIMITS.engine_memory_bytes_min);
});

it("holds a model that does not say to the owner's bound alone", () => {
  expect(memoryCap(0, 3 * GIB)).toBe(3 * GIB);
});

it("refuses a model that needs more than it may have, with both numbers", () => {
  expect(() => memoryCap(3 * GIB, 2 * GIB)).toThrow(
    expect.objectContaining({
      code: "out_of_memory",
      message: expect.stringMatching(/3,072 MiB.*2,048 MiB/),
    }),
  );
});

it("takes less than the whole machine where the owner says nothing", () => {
  expect(machineMemoryLimit()).toBeGreaterThan(0);
  expect(machineMemoryLimit()).toBeLessThan(GIB * 1024);
});
