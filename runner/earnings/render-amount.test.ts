import { expect, test } from "vitest";
import { renderAmount, renderUnits } from "./render-amount.ts";

test("an amount has six decimals, whatever its size", () => {
  expect([0n, 1n, 999_999n, 1_000_000n, 12_345_678n].map(renderUnits)).toEqual([
    "0.000000",
    "0.000001",
    "0.999999",
    "1.000000",
    "12.345678",
  ]);
});

test("an amount that no float holds is told to the last digit", () => {
  expect(renderAmount(9_007_199_254_740_993n, "usdc:solana")).toBe("9007199254.740993 usdc:solana");
});
