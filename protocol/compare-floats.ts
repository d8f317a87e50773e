import type { FloatDatatype } from "./compare-tolerances.ts";

/** Smallest normal numbers (IEEE 754). Some hardware takes what is smaller for zero. */
export const SMALLEST_NORMAL: Readonly<Record<FloatDatatype, number>> = {
  FP16: 2 ** -14,
  FP32: 2 ** -126,
  FP64: 2 ** -1022,
};

/** How far apart two tensors of floats are, row by row. */
export interface RowDistances {
  /**
   * Largest |a - b| / (|b| + size) of each row's numbers, where the size is the row's root mean square; of a and b, the
   * one that makes it larger. Infinite where a non-finite value has another opposite, or where there is no size.
   */
  readonly deviation: Float64Array;
  /** 1 - cos of the angle between each two rows as vectors, 0 to 2. */
  readonly angle: Float64Array;
  /** Whether the whole tensor holds too few numbers to say how large rounding errors in it may be. */
  readonly isLone: boolean;
}

/**
 * Numbers other than zero below which a row says too little about its own size. Sums cancel and thresholds cut: of 1,000
 * honest rows of one number, one is 500 times smaller than usual while its rounding error is not, and a row of ReLU
 * outputs may be zeros but for one number that just came through. Such a row is measured by what rows of the tensor
 * usually are. With 8 numbers, one row in 100,000 is 6 times smaller than usual, which the tolerances have room for.
 */
const NARROW = 8;
/** A narrow row's usual size: three rows in four are as small or smaller. A few huge rows do not raise it. */
const USUAL_SHARE = 0.75;

/**
 * Row-wise distances of two tensors of one shape, `columns` numbers a row, at least one. A row is held against its own
 * size, so that one wrong row does not hide beside large ones; a narrow row (see `NARROW`) can hide a difference that is
 * small for the tensor's usual row. Non-finite values are passed over where they are the same. Symmetric.
 *
 * @param negligible differences up to this count as none: see `SMALLEST_NORMAL`
 */
export function measureRows(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  columns: number,
  negligible: number,
): RowDistances {
  const rows = a.length / columns;
  const deviation = new Float64Array(rows);
  const angle = new Float64Array(rows);
  const sizesA = sizeRows(a, columns);
  const sizesB = sizeRows(b, columns);
  const usualA = lazily(() => usualSize(sizesA.size));
  const usualB = lazily(() => usualSize(sizesB.size));
  let numbers = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const count = Math.max(sizesA.count[row] ?? 0, sizesB.count[row] ?? 0);
    numbers += count;
    const sizeA = sizesA.size[row] ?? 0;
    const sizeB = sizesB.size[row] ?? 0;
    if (isSame(a, b, start, columns)) continue;
    const referenceA = count < NARROW ? Math.max(sizeA, usualA()) : sizeA;
    const referenceB = count < NARROW ? Math.max(sizeB, usualB()) : sizeB;
    deviation[row] = largestDeviation(a, b, start, columns, referenceA, referenceB, negligible);
    if (deviation[row] === 0 || sizeA === 0 || sizeB === 0) continue;
    // A narrow row's angle, too, counts only as far as the row is large.
    const weight = (sizeA / referenceA) * (sizeB / referenceB);
    angle[row] = weight * angleBetween(a, b, start, columns, sizeA, sizeB);
  }
  return { deviation, angle, isLone: numbers < NARROW };
}

function isSame(a: ArrayLike<number>, b: ArrayLike<number>, start: number, columns: number): boolean {
  for (let i = start; i < start + columns; i++) if (a[i] !== b[i]) return false;
  return true;
}

function largestDeviation(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  start: number,
  columns: number,
  referenceA: number,
  referenceB: number,
  negligible: number,
): number {
  let largest = 0;
  for (let i = start; i < start + columns; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    if (x === y || Object.is(x, y)) continue;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Number.POSITIVE_INFINITY;
    if (Math.abs(x - y) <= negligible) continue;
    // Of the two references the smaller, so that neither side can widen what it is held to. Halves do not overflow.
    const reference = Math.min(Math.abs(x) / 2 + referenceA / 2, Math.abs(y) / 2 + referenceB / 2);
    const difference = Math.abs(x / 2 - y / 2);
    // What differs is never so little apart that it counts as equal.
    if (difference > largest * reference) largest = difference / reference || Number.MIN_VALUE;
    else if (largest === 0) largest = Number.MIN_VALUE;
  }
  return largest;
}

/** Half the squared distance of the unit vectors, which is 1 - cos; as a difference from 1 it would lose its digits. */
function angleBetween(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  start: number,
  columns: number,
  sizeA: number,
  sizeB: number,
): number {
  let sum = 0;
  for (let i = start; i < start + columns; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    if (Number.isFinite(x) && Number.isFinite(y)) sum += (x / sizeA - y / sizeB) ** 2;
  }
  return sum / (2 * columns);
}

interface RowSizes {
  /** Root mean square of each row's finite numbers, zeros counted. */
  size: Float64Array;
  /** Numbers other than zero. */
  count: Uint32Array;
}

function sizeRows(values: ArrayLike<number>, columns: number): RowSizes {
  const rows = values.length / columns;
  const size = new Float64Array(rows);
  const count = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    let numbers = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      const value = values[i] ?? 0;
      if (value === 0 || !Number.isFinite(value)) continue;
      sum += value * value;
      numbers++;
    }
    count[row] = numbers;
    size[row] =
      sum > SQUARES_MIN && sum < SQUARES_MAX
        ? Math.sqrt(sum / columns)
        : scaledSize(values, row * columns, columns);
  }
  return { size, count };
}

/** Sums of squares that have neither overflowed nor lost their digits: those of FP16 and FP32 all are, but for zero. */
const SQUARES_MIN = 1e-280;
const SQUARES_MAX = 1e300;

/** The root mean square of numbers whose squares overflow or vanish: divided by the largest first. */
function scaledSize(values: ArrayLike<number>, start: number, columns: number): number {
  let largest = 0;
  for (let i = start; i < start + columns; i++) {
    const magnitude = Math.abs(values[i] ?? 0);
    if (Number.isFinite(magnitude)) largest = Math.max(largest, magnitude);
  }
  if (largest === 0) return 0;
  let sum = 0;
  for (let i = start; i < start + columns; i++) {
    const value = (values[i] ?? 0) / largest;
    if (Number.isFinite(value)) sum += value * value;
  }
  return largest * Math.sqrt(sum / columns);
}

/** The size that `USUAL_SHARE` of the rows that are not zero throughout have at most; 0 where all are. */
function usualSize(sizes: Float64Array): number {
  const ranked = sizes.filter((size) => size > 0).sort();
  return ranked[Math.ceil(USUAL_SHARE * ranked.length) - 1] ?? 0;
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
