import fc from "fast-check";
import { expect, test } from "vitest";
import { holdUntil } from "./holds.ts";

const HOUR = 3_600_000;

test("a hold of a day ends at the full hour after it", () => {
  expect(holdUntil(1, 24 * HOUR)).toBe(25 * HOUR);
  expect(holdUntil(HOUR, 24 * HOUR)).toBe(25 * HOUR);
});

test("a hold is never shorter than it should be, and longer by less than an hour and less than a 24th of it", () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e9 }), fc.nat({ max: 30 * 24 * HOUR }), (ended_ms, hold_ms) => {
      const longer_ms = holdUntil(ended_ms, hold_ms) - ended_ms - hold_ms;
      expect(longer_ms).toBeGreaterThanOrEqual(0);
      expect(longer_ms).toBeLessThan(Math.min(HOUR, Math.max(1, hold_ms / 24)));
    }),
  );
});
