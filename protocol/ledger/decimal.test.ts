import { LEDGER_AMOUNT_MAX } from "@infernet/schemas/ledger";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDecimal, renderDecimal } from "./decimal.ts";

test.each([
  ["1.5", 6, 1_500_000n],
  ["1.50", 6, 1_500_000n],
  ["0.000001", 6, 1n],
  ["0", 6, 0n],
  ["12", 0, 12n],
  ["9007199254.740991", 6, LEDGER_AMOUNT_MAX],
])("reads %s with %d decimals as %d", (text, decimals, amount) => {
  expect(parseDecimal(text, decimals)).toBe(amount);
});

test.each([
  "",
  ".5",
  "1.",
  "01",
  "+1",
  "-1",
  "1e3",
  "1,5",
  " 1",
  "1 ",
  "1.5.0",
  "0x1",
  "١",
  "Infinity",
  "1".repeat(41),
])("refuses %j, which is not a plain decimal number", (text) => {
  expect(() => parseDecimal(text, 6)).toThrow(expect.objectContaining({ code: "amount_invalid" }));
});

test("refuses more decimals than the unit has, even zeros, and says how many there are", () => {
  expect(() => parseDecimal("1.0000000", 6)).toThrow("1.0000000 has 7 decimals; the unit has 6.");
});

test("refuses what is more than can be held exactly, and says what can", () => {
  expect(() => parseDecimal("9007199254.740992", 6)).toThrow("is more than the 9007199254.740991");
  expect(() => parseDecimal("10000000000000000", 0)).toThrow("is more than the 9007199254740991");
});

test("what is rendered reads back as it was, whatever the unit's decimals, and has no decimals that say nothing", () => {
  const amount = fc.bigInt({ min: 0n, max: LEDGER_AMOUNT_MAX });
  fc.assert(
    fc.property(amount, fc.integer({ min: 0, max: 18 }), (amount, decimals) => {
      const text = renderDecimal(amount, decimals);
      expect(parseDecimal(text, decimals)).toBe(amount);
      expect(text).not.toMatch(/\..*0$|\.$/);
      expect(renderDecimal(-amount, decimals)).toBe(amount === 0n ? "0" : `-${text}`);
    }),
  );
});

test("every one of the first 100,000 millionths is read exactly", () => {
  for (let micro = 0; micro < 100_000; micro += 1)
    if (parseDecimal(`0.${micro.toString().padStart(6, "0")}`, 6) !== BigInt(micro)) expect.fail(`${micro}`);
});
