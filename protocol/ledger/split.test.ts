import { LEDGER_AMOUNT_MAX } from "@infernet/schemas/ledger";
import fc from "fast-check";
import { expect, test } from "vitest";
import { splitAmount } from "./split.ts";

test("gives what rounding leaves to those who lost most by it, and of equals to the first", () => {
  expect(splitAmount(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
  expect(splitAmount(10n, [1n, 5n, 3n])).toEqual([1n, 6n, 3n]);
  expect(splitAmount(1n, [0n, 1n, 2n])).toEqual([0n, 0n, 1n]);
  expect(splitAmount(0n, [0n, 0n])).toEqual([0n, 0n]);
  expect(splitAmount(0n, [])).toEqual([]);
});

test("refuses negative amounts and weights, and an amount that nobody has a share in", () => {
  const refused = expect.objectContaining({ code: "amount_invalid" });
  expect(() => splitAmount(-1n, [1n])).toThrow(refused);
  expect(() => splitAmount(1n, [2n, -1n])).toThrow(refused);
  expect(() => splitAmount(1n, [0n])).toThrow(refused);
  expect(() => splitAmount(1n, [])).toThrow(refused);
});

const amount = fc.bigInt({ min: 0n, max: LEDGER_AMOUNT_MAX });
const weights = fc
  .array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 40 })
  .filter((weights) => weights.some((weight) => weight > 0n));

test("parts sum to the amount exactly, and each is within one of its exact share", () => {
  fc.assert(
    fc.property(amount, weights, (amount, weights) => {
      const parts = splitAmount(amount, weights);
      const total = weights.reduce((sum, weight) => sum + weight, 0n);
      expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(amount);
      for (const [n, weight] of weights.entries()) {
        const part = parts[n] ?? expect.fail("a part for each weight");
        const gap = part * total - amount * weight;
        expect(gap < total && gap > -total).toBe(true);
        if (weight === 0n) expect(part).toBe(0n);
      }
    }),
  );
});

test("a larger weight never has the smaller part, and scaling all weights changes nothing", () => {
  fc.assert(
    fc.property(amount, weights, fc.bigInt({ min: 1n, max: 1_000n }), (amount, weights, factor) => {
      const parts = splitAmount(amount, weights);
      for (const [a, weight] of weights.entries())
        for (const [b, other] of weights.entries())
          if (weight > other) expect(parts[a]).toBeGreaterThanOrEqual(parts[b] ?? 0n);
      expect(
        splitAmount(
          amount,
          weights.map((weight) => weight * factor),
        ),
      ).toEqual(parts);
    }),
  );
});
