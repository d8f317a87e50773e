import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeHalf, encodeHalf } from "./half.ts";

const bits = new Uint16Array(1);
const halves = new Float16Array(bits.buffer);

test("every binary16 decodes to the platform's value and encodes back to itself", () => {
  for (let n = 0; n < 65_536; n++) {
    bits[0] = n;
    const value = halves[0] ?? Number.NaN;
    if (!Object.is(decodeHalf(n), value))
      expect.fail(`0x${n.toString(16)} decodes to ${decodeHalf(n)}, not ${value}`);
    if (!Number.isNaN(value) && encodeHalf(value) !== n)
      expect.fail(`${value} encodes to ${encodeHalf(value)}, not ${n}`);
  }
});

test("any number is rounded to the nearest binary16, ties to even, as the platform does", () => {
  const value = fc.oneof(
    fc.double(),
    fc.float(),
    fc.double({ min: -70_000, max: 70_000 }),
    fc.double({ min: -1e-4, max: 1e-4 }),
  );
  fc.assert(
    fc.property(value, (number) => {
      halves[0] = number;
      const rounded = halves[0];
      expect(decodeHalf(encodeHalf(number))).toBe(rounded);
    }),
    { numRuns: 5_000 },
  );
});

test("NaN stays NaN", () => {
  expect(decodeHalf(encodeHalf(Number.NaN))).toBeNaN();
});
