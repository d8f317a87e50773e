import { BLOCK } from "./canonical-schedule.ts";
import type { DecoderLayout } from "./decoder-layout.ts";

/** Numbers of a key/value cache: FP32, or the bits of FP16. */
export type Elements = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** Keys and values that a call has made of its new tokens. */
export interface Fresh {
  /** One for each input `past_key_values.*`, of shape [rows, heads, positions, width]. */
  lanes: readonly Elements[];
  /** Positions in each, and the first that is new. */
  positions: number;
  start: number;
}

/**
 * Keys and values of several completions, side by side as a call takes them: for each layer's keys, and for its values, one
 * array of shape [rows, heads, past, width]. Each row has as many positions as its completion has computed, and nothing after
 * them; the mask of a call says so. `past` is always a multiple of 32: then what a call computes does not depend on it. Exact
 * slots are for one row alone, of a decoder that stands no gap: their `past` is what the row has.
 */
export class KeyValueSlots {
  readonly #layout: DecoderLayout;
  readonly #isExact: boolean;
  #lanes: Elements[];
  #capacity = 0;
  past = 0;
  /** Positions that each row has. */
  readonly lengths: number[] = [];

  constructor(layout: DecoderLayout, { isExact = false } = {}) {
    this.#layout = layout;
    this.#isExact = isExact;
    this.#lanes = layout.pasts.map(() => makeElements(layout, 0));
  }

  get rows(): number {
    return this.lengths.length;
  }

  /** Adds a row with nothing in it. */
  add(): number {
    const row = this.rows;
    if (row === this.#capacity) this.#relay(Math.max(1, this.#capacity * 2), this.past);
    this.lengths.push(0);
    return row;
  }

  /** The last row takes the place of one that leaves. */
  remove(row: number): void {
    const last = this.rows - 1;
    if (row !== last) {
      const size = this.#rowSize(this.past);
      for (const lane of this.#lanes) lane.copyWithin(row * size, last * size, (last + 1) * size);
      this.lengths[row] = this.lengths[last] ?? 0;
    }
    this.lengths.pop();
  }

  /** Makes room for what the rows have and `length` positions, and no more than that. */
  fit(length = 0): void {
    const longest = Math.max(length, ...this.lengths);
    const past = this.#isExact ? longest : roomFor(longest);
    if (past !== this.past) this.#relay(this.#capacity, past);
  }

  /** Makes ready for a call whose new tokens follow on the first `from` positions of a row, whatever it has after them. */
  prepare(row: number, from: number): void {
    if (this.#isExact) this.lengths[row] = from;
    this.fit();
  }

  /** What a call takes: `count` rows from `row` on. */
  views(row: number, count: number): Elements[] {
    const size = this.#rowSize(this.past);
    return this.#lanes.map((lane) => lane.subarray(row * size, (row + count) * size));
  }

  /** Takes over what a call has made of the new tokens of one of its rows; whatever stood there before is gone. */
  put(row: number, from: number, count: number, fresh: Fresh, freshRow: number): void {
    this.fit(from + count);
    const { heads, width } = this.#layout;
    for (const [i, lane] of this.#lanes.entries()) {
      const source = fresh.lanes[i];
      if (!source) throw new Error("a call gave fewer keys and values than the model has");
      for (let head = 0; head < heads; head++) {
        const at = ((row * heads + head) * this.past + from) * width;
        const start = ((freshRow * heads + head) * fresh.positions + fresh.start) * width;
        if (count > 1) lane.set(source.subarray(start, start + count * width), at);
        else for (let n = 0; n < width; n++) lane[at + n] = source[start + n] ?? 0;
      }
    }
    this.lengths[row] = from + count;
  }

  /** A copy of positions of a row, for `put` into another one. */
  read(row: number, from: number, count: number): Fresh {
    const { heads, width } = this.#layout;
    const lanes = this.#lanes.map((lane) => {
      const copy = makeElements(this.#layout, heads * count * width);
      for (let head = 0; head < heads; head++) {
        const at = ((row * heads + head) * this.past + from) * width;
        copy.set(lane.subarray(at, at + count * width), head * count * width);
      }
      return copy;
    });
    return { lanes, positions: count, start: 0 };
  }

  #rowSize(past: number): number {
    return this.#layout.heads * past * this.#layout.width;
  }

  #relay(capacity: number, past: number): void {
    const { heads, width } = this.#layout;
    this.#lanes = this.#lanes.map((lane) => {
      const moved = makeElements(this.#layout, capacity * this.#rowSize(past));
      for (const [row, length] of this.lengths.entries()) {
        for (let head = 0; head < heads; head++) {
          const at = (row * heads + head) * this.past * width;
          moved.set(lane.subarray(at, at + length * width), (row * heads + head) * past * width);
        }
      }
      return moved;
    });
    this.#capacity = capacity;
    this.past = past;
  }
}

const makeElements = ({ cache }: DecoderLayout, length: number): Elements =>
  cache === "float32" ? new Float32Array(length) : new Uint16Array(length);

/** Room grows in steps of a quarter of what is there, so that a long prompt is not moved for each of its blocks. */
function roomFor(length: number): number {
  const step = Math.max(BLOCK, 2 ** Math.floor(Math.log2(Math.max(1, length)) - 2));
  return Math.ceil(length / step) * step;
}
