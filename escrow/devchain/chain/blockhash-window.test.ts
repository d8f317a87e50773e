import { expect, test } from "vitest";
import { BlockhashWindow, blockhashSlots } from "./blockhash-window.ts";

const SLOTS = 150;

test("a minute of slots is valid, and 150 of them at least", () => {
  expect([400, 1_000, 100, 7].map(blockhashSlots)).toEqual([150, 150, 600, 8_572]);
});

test("a slot has one blockhash, and another slot another", () => {
  const window = new BlockhashWindow(SLOTS);
  expect(window.at(5)).toBe(window.at(5));
  expect(window.at(5)).not.toBe(window.at(6));
});

test("a blockhash is valid for 150 slots, and not for 151", () => {
  const window = new BlockhashWindow(SLOTS);
  const hash = window.at(10);
  expect(window.isValid(hash, 10)).toBe(true);
  expect(window.isValid(hash, 10 + SLOTS)).toBe(true);
  expect(window.isValid(hash, 10 + SLOTS + 1)).toBe(false);
});

test("a blockhash that nobody handed out is not valid", () => {
  expect(new BlockhashWindow(SLOTS).isValid("11111111111111111111111111111111", 0)).toBe(false);
});

test("handing out a later blockhash leaves those that are still valid", () => {
  const window = new BlockhashWindow(SLOTS);
  const hash = window.at(10);
  window.at(10 + SLOTS);
  expect(window.isValid(hash, 10 + SLOTS)).toBe(true);
});
