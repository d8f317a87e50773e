import { expect, test } from "vitest";
import { ledger_transfers } from "./schema.ts";

const { amount } = ledger_transfers;

test("binds a number and reads a bigint, exactly, up to 2^53 - 1", () => {
  expect(amount.mapToDriverValue(9007199254740991n)).toBe(9007199254740991);
  expect(amount.mapFromDriverValue(9007199254740991)).toBe(9007199254740991n);
});

test("refuses what SQLite or JavaScript would round", () => {
  expect(() => amount.mapToDriverValue(9007199254740992n)).toThrow(RangeError);
  expect(() => amount.mapFromDriverValue(9007199254740992)).toThrow(RangeError);
  expect(() => amount.mapFromDriverValue(1.5)).toThrow(RangeError);
});
