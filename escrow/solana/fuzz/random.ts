import { seededWords } from "@infernet/schemas/seeded-random";

/** Draws that repeat with their seed. */
export interface Random {
  /** A whole number of 0 to `count` - 1. */
  below(count: number): number;
  pick<T>(items: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  const next = seededWords(seed);
  const below = (count: number): number => next() % count;
  return { below, pick: (items) => items[below(items.length)] as (typeof items)[number] };
}
