import { expect, it } from "vitest";
import { compareSaid, countWrong, type Lie, RIGHT, type Said } from "./said.ts";

const rows = (...list: number[]) => ({ count: list.length, list: () => list });
const say = (lie: Lie | null, drift = 0): Said => ({ lie, drift });
const all = (id: number): Said => say({ id, rows: "all" });
const some = (id: number, ...spoiled: number[]): Said => say({ id, rows: spoiled });

it("tells a lie from the truth on the rows that both have, and counts them", () => {
  expect(compareSaid(RIGHT, say(null), rows(1, 2))).toEqual({ zone: "match", rows_differing: 0 });
  expect(compareSaid(RIGHT, all(1), rows(1, 2))).toEqual({ zone: "fraud", rows_differing: 2 });
  expect(compareSaid(some(1, 2, 9), RIGHT, rows(1, 2))).toEqual({ zone: "fraud", rows_differing: 1 });
  expect(compareSaid(some(1, 9), RIGHT, rows(1, 2)).zone).toBe("match");
});

it("takes two lies for equal only when they are one and the same", () => {
  expect(compareSaid(all(1), all(1), rows(1)).zone).toBe("match");
  expect(compareSaid(all(1), all(2), rows(1)).zone).toBe("fraud");
  expect(compareSaid(all(1), some(1, 1), rows(1, 2)).rows_differing).toBe(1);
  expect(compareSaid(some(1, 1), some(2, 2), rows(1, 2)).rows_differing).toBe(2);
});

it("is not sure about numbers that have drifted apart, until they are too far", () => {
  expect(compareSaid(say(null, 0.4), say(null, -0.4), rows(1)).zone).toBe("match");
  expect(compareSaid(say(null, 4), RIGHT, rows(1)).zone).toBe("unclear");
  expect(compareSaid(say(null, 20), RIGHT, rows(1)).zone).toBe("fraud");
});

it("counts the wrong rows of a shard", () => {
  expect([RIGHT, all(1), some(1, 3, 4)].map((said) => countWrong(said, 400))).toEqual([0, 400, 2]);
});
