/**
 * Ids and keys as their first 32 bits: of a million uniform ids the closest to any key differ in those, and so does what
 * anybody grinds with fewer than 2^32 tries.
 */
export type Key = number;

export const KEY_SPACE = 2 ** 32;

/** Kademlia's distance. */
export const distance = (a: Key, b: Key): number => (a ^ b) >>> 0;

/** How many of the first bits two keys have alike. */
export const sharedBits = (a: Key, b: Key): number => Math.clz32(a ^ b);

/** A key that shares exactly so many first bits with another; the rest is drawn. */
export function keyBeside(of: Key, shared_bits: number, word: number): Key {
  const flipped = of ^ (0x80000000 >>> shared_bits);
  const rest = shared_bits >= 31 ? 0 : 0xffffffff >>> (shared_bits + 1);
  return ((flipped & ~rest) | (word & rest)) >>> 0;
}

/** Where the first id at or above a key stands in a sorted list. */
function lowerBound(ids: ArrayLike<Key>, key: number, from = 0, to = ids.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] as number) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Visits the groups of ids that share `bits` first bits, or fewer where a group of at most `enough` has not been cut so far, from the nearest
 * to a key to the farthest, until `visit` returns false. The ids are sorted; a group is a range of them.
 */
function visitNearest(
  ids: ArrayLike<Key>,
  key: Key,
  { bits, enough }: { bits: number; enough: number },
  visit: (from: number, to: number) => boolean,
): void {
  const go = (from: number, to: number, depth: number, first: number): boolean => {
    if (from === to) return true;
    if (depth === bits || to - from <= enough) return visit(from, to);
    const half = 2 ** (31 - depth);
    const middle = lowerBound(ids, first + half, from, to);
    const isUpper = (key >>> (31 - depth)) & 1;
    return isUpper === 1
      ? go(middle, to, depth + 1, first + half) && go(from, middle, depth + 1, first)
      : go(from, middle, depth + 1, first) && go(middle, to, depth + 1, first + half);
  };
  go(0, ids.length, 0, 0);
}

/** Where the ids nearest to a key stand in a sorted list, the nearest first. */
export function nearestOf(ids: ArrayLike<Key>, key: Key, count: number): number[] {
  const found: number[] = [];
  visitNearest(ids, key, { bits: 32, enough: 1 }, (from, to) => {
    for (let at = from; at < to; at += 1) found.push(at);
    return found.length < count;
  });
  return found.slice(0, count);
}
