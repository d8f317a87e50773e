import { expect, test } from "vitest";
import { uiAmountOf } from "./ui-amount.ts";

test.each([
  [0n, 6, "0"],
  [1n, 6, "0.000001"],
  [1_500_000n, 6, "1.5"],
  [100_000_000n, 6, "100"],
  [7n, 0, "7"],
  [70n, 0, "70"],
  [18_446_744_073_709_551_615n, 9, "18446744073.709551615"],
])("%d base units with %d decimals are %s", (amount, decimals, text) => {
  const written = uiAmountOf(amount, decimals);
  expect(written.uiAmountString).toBe(text);
  expect(written.amount).toBe(amount.toString());
});
