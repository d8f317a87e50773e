import { LIMITS } from "@infernet/schemas/limits";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nextAttemptAt } from "./webhook-retry.ts";

const HOUR = 3600 * 1000;

/** When each attempt is made, from the first at 0. */
function attemptTimes(random: () => number): number[] {
  const times = [0];
  for (;;) {
    const next = nextAttemptAt(times.length, times.at(-1) ?? 0, random());
    if (next === null) return times;
    times.push(next);
  }
}

test("without jitter the attempts start 5 s apart and span about a day", () => {
  const times = attemptTimes(() => 0.5);
  expect(times).toHaveLength(LIMITS.webhook_attempts_max);
  expect(times.slice(0, 4)).toEqual([0, 5_000, 20_000, 65_000]);
  expect(times.at(-1)).toBeGreaterThan(20 * HOUR);
  expect(times.at(-1)).toBeLessThan(26 * HOUR);
});

test("with any jitter there are as many attempts, each later than the one before, within a day and a quarter", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
      (draws) => {
        let i = 0;
        const times = attemptTimes(() => draws[i++] ?? 0);
        expect(times).toHaveLength(LIMITS.webhook_attempts_max);
        for (const [n, time] of times.slice(1).entries()) expect(time).toBeGreaterThan(times[n] ?? 0);
        expect(times.at(-1)).toBeLessThan(30 * HOUR);
      },
    ),
  );
});

test("a receiver that is down for an hour gets another attempt within the hour after", () => {
  const times = attemptTimes(() => 0.5);
  expect(times.some((time) => time >= HOUR && time < 2 * HOUR)).toBe(true);
});

test("Retry-After is honoured when it is longer, and bounded", () => {
  expect(nextAttemptAt(1, 0, 0.5, 60_000)).toBe(60_000);
  expect(nextAttemptAt(1, 0, 0.5, 1)).toBe(5_000);
  expect(nextAttemptAt(1, 0, 0.5, 1_000 * HOUR)).toBe(LIMITS.webhook_retry_ms_max);
});

test("Retry-After does not buy attempts beyond the last", () => {
  expect(nextAttemptAt(LIMITS.webhook_attempts_max, 0, 0.5, 1_000)).toBeNull();
});
