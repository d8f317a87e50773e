import { expect, test } from "vitest";
import { commitmentAfter, isCommitment, lagOf } from "./commitment.ts";

const LAGS = { confirmed: 1, finalized: 3 };

test("a commitment is reached once its lag has passed, and not a slot before", () => {
  expect([0, 1, 2, 3, 4].map((slots) => commitmentAfter(slots, LAGS))).toEqual([
    "processed",
    "confirmed",
    "confirmed",
    "finalized",
    "finalized",
  ]);
});

test("without lags everything is final at once", () => {
  expect(commitmentAfter(0, { confirmed: 0, finalized: 0 })).toBe("finalized");
});

test("what is processed has no lag", () => {
  expect(lagOf("processed", LAGS)).toBe(0);
  expect(lagOf("finalized", LAGS)).toBe(3);
});

test("the commitment levels of old clusters are none", () => {
  expect(isCommitment("confirmed")).toBe(true);
  expect(isCommitment("recent")).toBe(false);
});
