import { LEDGER_AMOUNT_MAX } from "@infernet/schemas/ledger";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FEE_BPS_DEFAULT, feeOf } from "./fee.ts";

test("takes the share, rounded down", () => {
  expect(feeOf(1_000_000n, FEE_BPS_DEFAULT)).toBe(10_000n);
  expect(feeOf(99n, 100)).toBe(0n);
  expect(feeOf(199n, 50)).toBe(0n);
  expect(feeOf(200n, 50)).toBe(1n);
  expect(feeOf(0n, 200)).toBe(0n);
});

test.each([0, 49, 201, 100.5, -100, Number.NaN, Number.POSITIVE_INFINITY])(
  "refuses a fee of %d basis points",
  (bps) => {
    expect(() => feeOf(1n, bps)).toThrow(expect.objectContaining({ code: "fee_out_of_range" }));
  },
);

test("refuses a negative amount", () => {
  expect(() => feeOf(-1n, 100)).toThrow(expect.objectContaining({ code: "amount_invalid" }));
});

test("never takes more than the exact share, nor one part less", () => {
  const amount = fc.bigInt({ min: 0n, max: LEDGER_AMOUNT_MAX });
  fc.assert(
    fc.property(amount, fc.integer({ min: 50, max: 200 }), (amount, bps) => {
      const left = amount * BigInt(bps) - feeOf(amount, bps) * 10_000n;
      expect(left >= 0n && left < 10_000n).toBe(true);
    }),
  );
});
