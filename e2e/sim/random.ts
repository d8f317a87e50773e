import { seededRandom } from "@infernet/schemas/seeded-random";

/** Randomness of one run: the same for the same seed and name, and each name apart from the others. */
export interface Random {
  /** In [0, 1). */
  next: () => number;
  /** A whole number from 0 to below `bound`. */
  below: (bound: number) => number;
}

export function createRandom(seed: number, name: string): Random {
  const next = seededRandom(mix(seed, name));
  return { next, below: (bound) => Math.floor(next() * bound) };
}

/** 32 bits of both: FNV-1a (Fowler, Noll, Vo), 32 bits. */
function mix(seed: number, name: string): number {
  let hash = 0x811c9dc5;
  for (const char of `${seed}/${name}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

/** One of a list that is not empty. */
export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new RangeError("there is nothing to pick from");
  return item;
}

/** The first `count` of the items in random order, in place (Fisher and Yates, as in Durstenfeld, CACM 7(7), 1964). */
export function shuffle<Item>(random: Random, items: Item[], count = items.length): Item[] {
  const end = Math.min(count, items.length - 1);
  for (let at = 0; at < end; at += 1) {
    const other = at + random.below(items.length - at);
    const [a, b] = [items[at], items[other]];
    if (a !== undefined && b !== undefined) [items[at], items[other]] = [b, a];
  }
  return items.slice(0, count);
}
