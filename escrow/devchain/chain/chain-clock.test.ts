import { expect, test } from "vitest";
import { ChainClock } from "./chain-clock.ts";

const WALL_MS = 1_700_000_000_000;

function clockAt(monotonic_ms: { value: number }): ChainClock {
  return new ChainClock({
    slot_ms: 100,
    first_slot: 1000,
    monotonic_ms: () => monotonic_ms.value,
    wall_ms: () => WALL_MS + monotonic_ms.value,
  });
}

test("slots follow real time", () => {
  const now = { value: 50 };
  const clock = clockAt(now);
  expect(clock.slot()).toBe(1000);
  now.value += 99;
  expect(clock.slot()).toBe(1000);
  now.value += 1;
  expect(clock.slot()).toBe(1001);
});

test("a warp moves seconds and slots together", () => {
  const clock = clockAt({ value: 0 });
  clock.warp(60);
  expect(clock.slot()).toBe(1600);
  expect(clock.unix_s()).toBe(1_700_000_060);
});

test("an earlier slot was earlier", () => {
  const clock = clockAt({ value: 0 });
  expect(clock.unix_s(900)).toBe(1_700_000_000 - 10);
});
