import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleSome } from "./sample-some.ts";

const upTo = (length: number): number[] => Array.from({ length }, (_, n) => n);

test("a sample has so many different items, in their order, and the same ones for the same chance", () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat({ max: 200 }), fc.nat({ max: 250 }), chance, (length, count, at) => {
      const some = sampleSome(upTo(length), count, at);
      expect(some).toHaveLength(Math.min(length, count));
      expect(some).toEqual([...new Set(some)].sort((a, b) => a - b));
      expect(sampleSome(upTo(length), count, at)).toEqual(some);
    }),
  );
});

test("every item is taken as often as any other", () => {
  const counts = upTo(20).map(() => 0);
  const turns = 20_000;
  for (let turn = 0; turn < turns; turn += 1)
    for (const item of sampleSome(upTo(20), 4, turn / turns)) counts[item] = (counts[item] ?? 0) + 1;
  const sigma = Math.sqrt(turns * 0.2 * 0.8);
  for (const count of counts) expect(Math.abs(count - turns * 0.2)).toBeLessThan(5 * sigma);
});
