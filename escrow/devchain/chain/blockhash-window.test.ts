import { expect, test } from "vitest";
import { BLOCKHASH_SLOTS, BlockhashWindow } from "./blockhash-window.ts";

test("a slot has one blockhash, and another slot another", () => {
  const window = new BlockhashWindow();
  expect(window.at(5)).toBe(window.at(5));
  expect(window.at(5)).not.toBe(window.at(6));
});

test("a blockhash is valid for 150 slots, and not for 151", () => {
  const window = new BlockhashWindow();
  const hash = window.at(10);
  expect(window.isValid(hash, 10)).toBe(true);
  expect(window.isValid(hash, 10 + BLOCKHASH_SLOTS)).toBe(true);
  expect(window.isValid(hash, 10 + BLOCKHASH_SLOTS + 1)).toBe(false);
});

test("a blockhash that nobody handed out is not valid", () => {
  expect(new BlockhashWindow().isValid("11111111111111111111111111111111", 0)).toBe(false);
});

test("handing out a later blockhash leaves those that are still valid", () => {
  const window = new BlockhashWindow();
  const hash = window.at(10);
  window.at(10 + BLOCKHASH_SLOTS);
  expect(window.isValid(hash, 10 + BLOCKHASH_SLOTS)).toBe(true);
});
