import type { Tolerance } from "@infernet/schemas/calibration";
import { byteCount, type Datatype, elementCount, type Tensor } from "@infernet/schemas/tensor";
import { isFixed, numbersOf } from "@infernet/schemas/tensor-elements";
import { rowCount } from "@infernet/schemas/tensor-rows";
import type { Zone } from "@infernet/schemas/verification";
import { bytesEqual, listUnequalRows } from "./compare-bytes.ts";
import { measureRows, SMALLEST_NORMAL } from "./compare-floats.ts";
import { type Bounds, type FloatDatatype, isFloat } from "./compare-tolerances.ts";

/** Two outputs held against each other. */
export interface RowComparison {
  /** That of the worst row. */
  readonly zone: Zone;
  /**
   * The largest of any row, see `measureRows`; null where no number says it: no output is a float, names, datatypes or
   * shapes differ, something that must be equal is not, or a value is not finite.
   */
  readonly deviation: number | null;
  readonly angle: number | null;
  readonly rows: { readonly match: number; readonly unclear: number; readonly fraud: number };
  /** The row that decided, counted from 0; null where all are equal or the outputs are not of one form. */
  readonly worst_row: number | null;
}

/**
 * What fraud is among fewer than 8 numbers in all, as in four rows of one: any of them may be small by cancellation, and
 * nothing beside them tells. A rounding error of 7e-6 looks like this once in 10,000 such numbers, a wrong answer nearly
 * always.
 */
const LONE: Tolerance = { deviation: 5e-2, angle: 1e-3 };

const ZONES = ["match", "unclear", "fraud"] as const satisfies readonly Zone[];

/**
 * Holds two outputs over the same rows against each other, row by row and tensor by tensor; the worst row decides.
 * Integers, booleans and BYTES match where they are equal byte for byte. Floats match within the inner tolerance and are
 * fraud beyond the outer one, with non-finite values the same and in the same places; where the tolerances are 0 they must
 * be equal as numbers (0 is -0, and any NaN is any other), or byte for byte where the bounds say so. Symmetric. The order of
 * the tensors does not matter.
 *
 * @param boundsOf where the zones end for a datatype: see `tolerancesFor`
 */
export function compareRows(
  a: readonly Tensor[],
  b: readonly Tensor[],
  boundsOf: (datatype: Datatype) => Bounds,
): RowComparison {
  const rows = Math.max(0, ...a.map(rowCount));
  const pairs = pairUp(a, b);
  if (pairs === null) return { ...UNLIKE, rows: { match: 0, unclear: 0, fraud: rows } };
  const worst = new Worst(rows);
  for (const [x, y] of pairs) {
    if (isFloat(x.datatype)) worst.seeFloats();
    if (bytesEqual(x.data, y.data)) continue;
    const bounds = boundsOf(x.datatype);
    if (isFloat(x.datatype) && !bounds.isBitwise) compareFloats(x.datatype, x, y, bounds, worst);
    else for (const row of listUnequalRows(x, y)) worst.see(row, Number.POSITIVE_INFINITY, 0, bounds);
  }
  return worst.result();
}

const UNLIKE = { zone: "fraud", deviation: null, angle: null, worst_row: null } as const;

/** Each tensor with the other output's of its name; null unless all have one of the same datatype and form. */
function pairUp(a: readonly Tensor[], b: readonly Tensor[]): [Tensor, Tensor][] | null {
  const byName = new Map(b.map((tensor) => [tensor.name, tensor]));
  const pairs = new Map<string, [Tensor, Tensor]>();
  for (const tensor of a) {
    const other = byName.get(tensor.name);
    if (other === undefined || !isAlike(tensor, other)) return null;
    pairs.set(tensor.name, [tensor, other]);
  }
  return pairs.size === a.length && pairs.size === b.length ? [...pairs.values()] : null;
}

function isAlike(a: Tensor, b: Tensor): boolean {
  if (a.datatype !== b.datatype || a.shape.join() !== b.shape.join()) return false;
  return [a, b].every(
    (tensor) => !isFixed(tensor) || tensor.data.byteLength === byteCount(tensor.datatype, tensor.shape),
  );
}

function compareFloats(datatype: FloatDatatype, a: Tensor, b: Tensor, bounds: Bounds, worst: Worst): void {
  const columns = elementCount(a.shape.slice(1));
  const isExact = bounds.outer.deviation === 0;
  const { deviation, angle, isLone } = measureRows(
    numbersOf(datatype, a.data),
    numbersOf(datatype, b.data),
    columns,
    isExact ? 0 : SMALLEST_NORMAL[datatype],
  );
  const limits = isLone && !isExact ? { ...bounds, outer: wider(bounds.outer, LONE) } : bounds;
  for (let row = 0; row < deviation.length; row++)
    if (deviation[row] !== 0) worst.see(row, deviation[row] ?? 0, angle[row] ?? 0, limits);
}

const wider = (a: Tolerance, b: Tolerance): Tolerance => ({
  deviation: Math.max(a.deviation, b.deviation),
  angle: Math.max(a.angle, b.angle),
});

/** Gathers what is known of the rows, over all tensors. */
class Worst {
  /** Index into ZONES of each row. */
  readonly #zones: Uint8Array;
  #deviation: number | null = null;
  #angle: number | null = null;
  #row: number | null = null;
  /** The worst row's zone, and within it how near the outer tolerance, or how far beyond, it is. */
  #rank = 0;

  constructor(rows: number) {
    this.#zones = new Uint8Array(rows);
  }

  /** There is a float to be measured, and as long as nothing differs, the distance is 0. */
  seeFloats(): void {
    this.#deviation ??= 0;
    this.#angle ??= 0;
  }

  see(row: number, deviation: number, angle: number, { inner, outer }: Bounds): void {
    this.#deviation = Math.max(this.#deviation ?? 0, deviation);
    this.#angle = Math.max(this.#angle ?? 0, angle);
    const within = (tolerance: Tolerance) => deviation <= tolerance.deviation && angle <= tolerance.angle;
    const zone = within(inner) ? 0 : within(outer) ? 1 : 2;
    this.#zones[row] = Math.max(this.#zones[row] ?? 0, zone);
    const excess = Math.max(deviation / outer.deviation, angle / outer.angle || 0);
    const rank = zone + (Number.isFinite(excess) ? excess / (1 + excess) : 1);
    if (rank <= this.#rank) return;
    this.#row = row;
    this.#rank = rank;
  }

  result(): RowComparison {
    const counts = [0, 0, 0];
    for (const zone of this.#zones) counts[zone] = (counts[zone] ?? 0) + 1;
    const [match = 0, unclear = 0, fraud = 0] = counts;
    const hasNumber = this.#deviation !== null && Number.isFinite(this.#deviation);
    return {
      zone: ZONES[fraud > 0 ? 2 : unclear > 0 ? 1 : 0],
      deviation: hasNumber ? this.#deviation : null,
      angle: hasNumber ? this.#angle : null,
      rows: { match, unclear, fraud },
      worst_row: this.#row,
    };
  }
}
