import { LIMITS } from "@infernet/schemas/limits";
import { expect, it } from "vitest";
import { decideRetry, reachPause } from "./decide-retry.ts";

it("a payout is tried so many times, after pauses that double up to an hour, and then returned", () => {
  const pauses: number[] = [];
  for (let attempts = 0; ; attempts += 1) {
    const retry = decideRetry(attempts, 1_000);
    if (retry.kind === "return") break;
    pauses.push(retry.at_ms - 1_000);
  }
  expect(pauses).toEqual([60_000, 120_000, 240_000, 480_000, 960_000]);
  expect(pauses).toHaveLength(LIMITS.payout_attempts_max - 1);
});

it("whoever cannot be reached is tried for ever, at most every five minutes", () => {
  expect([0, 1, 2].map(reachPause)).toEqual([2_000, 4_000, 8_000]);
  expect(reachPause(1_000)).toBe(LIMITS.treasury_retry_ms_max);
});
