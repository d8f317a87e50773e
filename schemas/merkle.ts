import { type Hash, hashSha256 } from "./hash.ts";

/**
 * Merkle trees as in RFC 6962 section 2.1: a leaf is hashed behind a 0x00 byte and a node behind 0x01, so that neither
 * passes for the other; a tree of n leaves splits at the largest power of two below n.
 */
const LEAF = 0x00;
const NODE = 0x01;

export function hashLeaf(leaf: Uint8Array, hash: Hash = hashSha256): Uint8Array {
  const framed = new Uint8Array(1 + leaf.length);
  framed[0] = LEAF;
  framed.set(leaf, 1);
  return hash(framed);
}

function hashNode(left: Uint8Array, right: Uint8Array, hash: Hash): Uint8Array {
  const framed = new Uint8Array(1 + left.length + right.length);
  framed[0] = NODE;
  framed.set(left, 1);
  framed.set(right, 1 + left.length);
  return hash(framed);
}

/** The root over leaf hashes; one leaf is its own root. Throws RangeError when there are none. */
export function merkleRoot(leaves: readonly Uint8Array[], hash: Hash = hashSha256): Uint8Array {
  if (leaves.length === 0) throw new RangeError("a tree needs a leaf");
  return rootOf(leaves, 0, leaves.length, hash);
}

function rootOf(leaves: readonly Uint8Array[], from: number, to: number, hash: Hash): Uint8Array {
  if (to - from === 1) return leaves[from] as Uint8Array;
  const middle = from + splitAt(to - from);
  return hashNode(rootOf(leaves, from, middle, hash), rootOf(leaves, middle, to, hash), hash);
}

/** The largest power of two below `count`. */
function splitAt(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** The hashes beside the way from leaf `index` to the root, from the leaf upwards (RFC 6962 section 2.1.1). */
export function merklePath(
  leaves: readonly Uint8Array[],
  index: number,
  hash: Hash = hashSha256,
): Uint8Array[] {
  if (index < 0 || index >= leaves.length)
    throw new RangeError(`there is no leaf ${index} of ${leaves.length}`);
  const path: Uint8Array[] = [];
  let from = 0;
  let to = leaves.length;
  while (to - from > 1) {
    const middle = from + splitAt(to - from);
    const isLeft = index < middle;
    path.push(isLeft ? rootOf(leaves, middle, to, hash) : rootOf(leaves, from, middle, hash));
    if (isLeft) to = middle;
    else from = middle;
  }
  return path.reverse();
}

/** The root that a leaf hash at `index` of `count` leaves has with this path; null when the path has the wrong length. */
export function rootFromPath(
  leaf: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
  hash: Hash = hashSha256,
): Uint8Array | null {
  const turns: boolean[] = [];
  let from = 0;
  let to = count;
  if (index < 0 || index >= count) return null;
  while (to - from > 1) {
    const middle = from + splitAt(to - from);
    const isLeft = index < middle;
    turns.push(isLeft);
    if (isLeft) to = middle;
    else from = middle;
  }
  if (turns.length !== path.length) return null;
  let root = leaf;
  for (const beside of path) {
    root = turns.pop() ? hashNode(root, beside, hash) : hashNode(beside, root, hash);
  }
  return root;
}
