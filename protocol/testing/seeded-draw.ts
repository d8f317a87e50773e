/** A number from 0 to below `bound`. */
export type Draw = (bound: number) => number;

/** Draws that depend on the seed alone (mulberry32): a run of many thousand draws is repeated from one number. */
export function createDraw(seed: number): Draw {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
