import { seededWords } from "@infernet/schemas/seeded-random";

/** A number from 0 to below `bound`. */
export type Draw = (bound: number) => number;

/** Draws that depend on the seed alone: a run of many thousand draws is repeated from one number. */
export function createDraw(seed: number): Draw {
  const next = seededWords(seed);
  return (bound) => next() % bound;
}
