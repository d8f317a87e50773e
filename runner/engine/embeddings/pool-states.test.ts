import { expect, test } from "vitest";
import { poolStates } from "./pool-states.ts";

/** Two tokens of three numbers, and what fills up. */
const states = { values: Float32Array.of(1, 2, 3, 3, 2, 1, 90, 90, 90), width: 3, tokens: 2 };

test("the mean is over the text's own tokens", () => {
  expect([...poolStates(states, { pooling: "mean", normalize: false })]).toEqual([2, 2, 2]);
});

test("cls is the first token", () => {
  expect([...poolStates(states, { pooling: "cls", normalize: false })]).toEqual([1, 2, 3]);
});

test("a vector is scaled to length 1 where that is asked for, and zeros stay", () => {
  const scaled = poolStates(states, { pooling: "cls", normalize: true });
  expect(Math.hypot(...scaled)).toBeCloseTo(1, 6);
  expect((scaled[2] ?? 0) / (scaled[0] ?? 1)).toBeCloseTo(3, 6);
  const zeros = { values: new Float32Array(3), width: 3, tokens: 1 };
  expect([...poolStates(zeros, { pooling: "mean", normalize: true })]).toEqual([0, 0, 0]);
});
