import fc from "fast-check";
import { expect, test } from "vitest";
import { planReads } from "./plan-reads.ts";

const row = (start: number, count = 1) => ({ start, count });

test("ranges near each other come in one read", () => {
  const ranges = [row(0), row(5, 2), row(20)];
  expect(planReads(ranges, 1_000)).toEqual([{ start: 0, count: 21, ranges }]);
});

test("ranges far from each other have a read each", () => {
  expect(planReads([row(0), row(100)], 1_000)).toHaveLength(2);
});

test("a read of several ranges stays within a mebibyte, whatever is asked for", () => {
  const ranges = fc
    .array(fc.record({ gap: fc.nat({ max: 40 }), count: fc.integer({ min: 1, max: 400 }) }), { minLength: 1 })
    .map((steps) => {
      let end = 0;
      return steps.map(({ gap, count }) => {
        const range = { start: end + gap, count };
        end = range.start + count;
        return range;
      });
    });
  fc.assert(
    fc.property(ranges, fc.integer({ min: 0, max: 8_192 }), (ranges, row_bytes) => {
      const reads = planReads(ranges, row_bytes);
      expect(reads.flatMap((read) => read.ranges)).toEqual(ranges);
      for (const { start, count, ranges } of reads) {
        expect(start).toBe(ranges[0]?.start);
        const last = ranges.at(-1) ?? row(0);
        expect(start + count).toBe(last.start + last.count);
        if (ranges.length > 1) expect(count * row_bytes).toBeLessThanOrEqual(1024 * 1024);
      }
    }),
  );
});
