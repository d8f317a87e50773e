import type { RowRange } from "@infernet/schemas/runner";

/** One stretch of rows that is read from a file in one go, and the ranges that are wanted of it. */
export interface PlannedRead extends RowRange {
  ranges: readonly RowRange[];
}

/** What lies between two ranges is read along up to this much: that is cheaper than another read. */
const GAP_BYTES_MAX = 32 * 1024;
/** A read that holds more than one range is no longer than this, for it needs room of its own. */
const SPAN_BYTES_MAX = 1024 * 1024;

/**
 * Few reads for many ranges: ranges near each other come in one.
 *
 * @param ranges ascending, none within another
 * @param row_bytes size of one row
 */
export function planReads(ranges: readonly RowRange[], row_bytes: number): PlannedRead[] {
  const reads: (RowRange & { ranges: RowRange[] })[] = [];
  for (const range of ranges) {
    const read = reads.at(-1);
    const end = range.start + range.count;
    const isNear = read !== undefined && (range.start - read.start - read.count) * row_bytes <= GAP_BYTES_MAX;
    if (isNear && (end - read.start) * row_bytes <= SPAN_BYTES_MAX) {
      read.count = end - read.start;
      read.ranges.push(range);
    } else {
      reads.push({ ...range, ranges: [range] });
    }
  }
  return reads;
}
