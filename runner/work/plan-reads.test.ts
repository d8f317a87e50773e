import type { RowRange } from "@infernet/schemas/runner";
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

/** Ranges of many lengths, near and far from each other. */
const scattered: RowRange[] = [];
for (let n = 0, end = 0; n < 300; n += 1) {
  const range = row(end + ((n * 7) % 41), ((n * 13) % 400) + 1);
  end = range.start + range.count;
  scattered.push(range);
}

test.each([0, 1, 100, 3_136, 8_192, 2_000_000])(
  "reads hold all ranges in order, and several of them within a mebibyte: rows of %i bytes",
  (row_bytes) => {
    const reads = planReads(scattered, row_bytes);
    expect(reads.flatMap(({ ranges }) => ranges)).toEqual(scattered);
    for (const { start, count, ranges } of reads) {
      const last = ranges.at(-1) ?? row(0, 0);
      expect([start, start + count]).toEqual([ranges[0]?.start, last.start + last.count]);
      if (ranges.length > 1) expect(count * row_bytes).toBeLessThanOrEqual(1024 * 1024);
    }
  },
);
