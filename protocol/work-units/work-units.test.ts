import fc from "fast-check";
import { expect, test } from "vitest";
import { countFuel } from "./count-fuel.ts";
import { fuelOperations } from "./fuel-operations.ts";
import { llmOperations } from "./llm-operations.ts";
import { FUEL_PER_CORE_SECOND } from "./reference-core.ts";
import { secondsOperations } from "./seconds-operations.ts";
import { OPERATIONS_PER_WORK_UNIT, workUnits } from "./work-units.ts";

const amount = fc.bigInt({ min: 0n, max: 10n ** 24n });

test("a work unit is a thousand million operations, and parts of a micro work unit round up", () => {
  expect(workUnits(OPERATIONS_PER_WORK_UNIT)).toBe(1_000_000n);
  expect([0n, 1n, 1_000n, 1_001n].map(workUnits)).toEqual([0n, 1n, 1n, 2n]);
});

test("rounding adds less than one micro work unit, and more operations never cost less", () => {
  fc.assert(
    fc.property(amount, amount, (a, b) => {
      expect(workUnits(a) * 1_000n - a).toBeLessThan(1_000n);
      expect(workUnits(a + b)).toBeGreaterThanOrEqual(workUnits(a));
      expect(workUnits(a + b)).toBeLessThanOrEqual(workUnits(a) + workUnits(b));
    }),
  );
});

test("a token takes two operations for each parameter, and a token written weighs four that are read", () => {
  expect(llmOperations(7_000_000_000n, 1n, 0n)).toBe(14_000_000_000n);
  expect(llmOperations(7_000_000_000n, 0n, 1n)).toBe(56_000_000_000n);
  expect(llmOperations(3n, 10n, 5n)).toBe(2n * 3n * (10n + 20n));
});

test("a second of a core is worth the same in a container and in WebAssembly", () => {
  expect(secondsOperations(1_000n, 1_000n)).toBe(50_000_000_000n);
  expect(fuelOperations(FUEL_PER_CORE_SECOND)).toBe(secondsOperations(1_000n, 1_000n));
  expect(secondsOperations(10n, 250n)).toBe(125_000_000n);
});

test("a WebAssembly model is worth all the fuel that a row may take, and without fuel what is declared", () => {
  expect(countFuel(2_500_000)).toEqual({
    kind: "counted",
    operations_per_row: "50000000",
    parameters: "0",
  });
  expect(countFuel(Number.MAX_SAFE_INTEGER)).toMatchObject({ operations_per_row: "180143985094819820" });
  expect(countFuel(undefined)).toMatchObject({
    kind: "declared",
    reason: expect.stringContaining("wasm.fuel_per_row_max"),
  });
});

test("there is no negative work", () => {
  expect(() => workUnits(-1n)).toThrow(RangeError);
  expect(() => llmOperations(1n, -1n, 0n)).toThrow(RangeError);
  expect(() => fuelOperations(-1n)).toThrow(RangeError);
  expect(() => secondsOperations(1n, -1n)).toThrow(RangeError);
});
