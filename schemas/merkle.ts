import { type Hash, hashSha256 } from "./hash.ts";

/**
 * Merkle trees as in RFC 6962 section 2.1: a leaf is hashed behind a 0x00 byte and a node behind 0x01, so that neither
 * passes for the other; a tree of n leaves splits at the largest power of two below n.
 */
const LEAF = 0x00;
const NODE = 0x01;

export function hashLeaf(leaf: Uint8Array, hash: Hash = hashSha256): Uint8Array {
  const framed = frameLeaf(leaf.length);
  framed.set(leaf, 1);
  return hash(framed);
}

/** Room for a leaf of this length, behind its byte: filled from 1 on, its hash is the leaf's, without a copy. */
export function frameLeaf(length: number): Uint8Array<ArrayBuffer> {
  const framed = new Uint8Array(1 + length);
  framed[0] = LEAF;
  return framed;
}

function hashNode(left: Uint8Array, right: Uint8Array, hash: Hash): Uint8Array {
  const framed = new Uint8Array(1 + left.length + right.length);
  framed[0] = NODE;
  framed.set(left, 1);
  framed.set(right, 1 + left.length);
  return hash(framed);
}

/**
 * The tree over leaf hashes, level by level from the leaves to the root: neighbours are joined, and a last one without a
 * neighbour goes up as it is, which gives the tree of the RFC. Throws RangeError when there are none.
 */
export function merkleTree(
  leaves: readonly Uint8Array[],
  hash: Hash = hashSha256,
): (readonly Uint8Array[])[] {
  if (leaves.length === 0) throw new RangeError("a tree needs a leaf");
  const levels: (readonly Uint8Array[])[] = [leaves];
  for (let level = leaves; level.length > 1; levels.push(level)) level = joinNeighbours(level, hash);
  return levels;
}

function joinNeighbours(level: readonly Uint8Array[], hash: Hash): Uint8Array[] {
  const joined: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i] as Uint8Array;
    const right = level[i + 1];
    joined.push(right === undefined ? left : hashNode(left, right, hash));
  }
  return joined;
}

/** The root over leaf hashes; one leaf is its own root. Throws RangeError when there are none. */
export function merkleRoot(leaves: readonly Uint8Array[], hash: Hash = hashSha256): Uint8Array {
  return merkleTree(leaves, hash).at(-1)?.[0] as Uint8Array;
}

/** The hashes beside the way from leaf `index` to the root, from the leaf upwards (RFC 6962 section 2.1.1). */
export function pathIn(tree: readonly (readonly Uint8Array[])[], index: number): Uint8Array[] {
  const leaves = tree[0]?.length ?? 0;
  if (index < 0 || index >= leaves) throw new RangeError(`there is no leaf ${index} of ${leaves}`);
  return tree.slice(0, -1).flatMap((level, height) => {
    const beside = level[(index >> height) ^ 1];
    return beside === undefined ? [] : [beside];
  });
}

/** The path of one leaf. For many leaves of one tree make the tree once. */
export const merklePath = (
  leaves: readonly Uint8Array[],
  index: number,
  hash: Hash = hashSha256,
): Uint8Array[] => pathIn(merkleTree(leaves, hash), index);

/** The root that a leaf hash at `index` of `count` leaves has with this path; null when the path has the wrong length. */
export function rootFromPath(
  leaf: Uint8Array,
  index: number,
  count: number,
  path: readonly Uint8Array[],
  hash: Hash = hashSha256,
): Uint8Array | null {
  if (index < 0 || index >= count) return null;
  let root = leaf;
  let used = 0;
  for (let at = index, width = count; width > 1; at >>= 1, width = (width + 1) >> 1) {
    const hasNeighbour = (at ^ 1) < width;
    if (!hasNeighbour) continue;
    const beside = path[used++];
    if (beside === undefined) return null;
    root = at % 2 === 0 ? hashNode(root, beside, hash) : hashNode(beside, root, hash);
  }
  return used === path.length ? root : null;
}
