import { expect, it } from "vitest";
import { createClock } from "./clock.ts";
import { createRandom } from "./random.ts";

it("lets things happen in the order of their times, and of one time in the order in which they were planned", () => {
  const random = createRandom(1, "clock");
  const clock = createClock(0);
  const seen: { at_ms: number; n: number }[] = [];
  for (let n = 0; n < 500; n += 1) {
    const at_ms = random.below(50);
    clock.at(at_ms, () => seen.push({ at_ms: clock.now_ms, n }));
  }
  clock.run(() => false);
  expect(seen).toHaveLength(500);
  expect(seen).toEqual([...seen].sort((a, b) => a.at_ms - b.at_ms || a.n - b.n));
});

it("never goes back: what is planned in the past happens now", () => {
  const clock = createClock(100);
  const times: number[] = [];
  clock.at(10, () => times.push(clock.now_ms));
  clock.at(150.2, () => {
    clock.at(0, () => times.push(clock.now_ms));
  });
  clock.run(() => false);
  expect(times).toEqual([100, 151]);
});
