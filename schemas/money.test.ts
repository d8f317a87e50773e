import fc from "fast-check";
import { expect, test } from "vitest";
import { createMicro, MicroAmount, parseMicro, renderMicro } from "./money.ts";

test("every amount comes back from its decimal string", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: BigInt(Number.MAX_SAFE_INTEGER) }), (value) => {
      const text = renderMicro(createMicro(value));
      expect(parseMicro(MicroAmount.parse(text))).toBe(value);
    }),
  );
});

test("an amount below zero or beyond 2^53 - 1 cannot be made", () => {
  expect(() => createMicro(-1n)).toThrow(RangeError);
  expect(() => createMicro(2n ** 53n)).toThrow(RangeError);
});
