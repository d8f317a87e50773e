import { hex } from "@scure/base";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hashSha256 } from "./hash.ts";
import { hashLeaf, merklePath, merkleRoot, merkleTree, pathIn, rootFromPath } from "./merkle.ts";
import vectors from "./vectors/merkle.valid.json";

/** Different leaves of a few bytes each, hashed. */
const arbitraryLeaves = fc
  .uniqueArray(fc.uint8Array({ maxLength: 4 }), { minLength: 1, maxLength: 40, selector: hex.encode })
  .map((leaves) => leaves.map((leaf) => hashLeaf(leaf)));
const leavesAndIndex = arbitraryLeaves.chain((leaves) =>
  fc.record({ leaves: fc.constant(leaves), index: fc.nat({ max: leaves.length - 1 }) }),
);

/** The leaf at an index that is there. */
function at(leaves: readonly Uint8Array[], index: number): Uint8Array {
  const leaf = leaves[index];
  if (leaf === undefined) throw new Error(`there is no leaf ${index}`);
  return leaf;
}

const rootAt = (leaves: readonly Uint8Array[], index: number, path = merklePath(leaves, index)) =>
  rootFromPath(at(leaves, index), index, leaves.length, path);

test.each(vectors)("a tree of RFC 6962 has its known root and paths: $why", ({ leaves, root, paths }) => {
  const hashes = leaves.map((leaf) => hashLeaf(hex.decode(leaf)));
  expect(hex.encode(merkleRoot(hashes))).toBe(root);
  for (const { index, path } of paths) {
    expect(merklePath(hashes, index).map(hex.encode)).toEqual(path);
    const found = rootAt(hashes, index, path.map(hex.decode));
    expect(found && hex.encode(found)).toBe(root);
  }
});

test("every leaf's path leads to the root", () => {
  fc.assert(
    fc.property(leavesAndIndex, ({ leaves, index }) => {
      expect(rootAt(leaves, index)).toEqual(merkleRoot(leaves));
    }),
  );
});

test("paths taken from one tree are those taken one by one", () => {
  fc.assert(
    fc.property(arbitraryLeaves, (leaves) => {
      const tree = merkleTree(leaves);
      expect(leaves.map((_, index) => pathIn(tree, index))).toEqual(
        leaves.map((_, index) => merklePath(leaves, index)),
      );
    }),
  );
});

test("the tree splits at the largest power of two below the number of leaves, as the RFC defines it", () => {
  const split = (leaves: readonly Uint8Array[]): Uint8Array => {
    if (leaves.length === 1) return at(leaves, 0);
    const left = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
    const node = [1, ...split(leaves.slice(0, left)), ...split(leaves.slice(left))];
    return hashSha256(Uint8Array.from(node));
  };
  fc.assert(
    fc.property(arbitraryLeaves, (leaves) => {
      expect(merkleRoot(leaves)).toEqual(split(leaves));
    }),
  );
});

test("a path proves its own leaf and place and no other", () => {
  fc.assert(
    fc.property(leavesAndIndex, fc.nat(), ({ leaves, index }, n) => {
      const other = n % leaves.length;
      fc.pre(other !== index);
      const path = merklePath(leaves, index);
      const root = merkleRoot(leaves);
      expect(rootFromPath(at(leaves, other), index, leaves.length, path)).not.toEqual(root);
      expect(rootFromPath(at(leaves, index), other, leaves.length, path)).not.toEqual(root);
    }),
  );
});

test("a path with a hash changed, missing or too many leads elsewhere or nowhere", () => {
  fc.assert(
    fc.property(leavesAndIndex, fc.nat(), ({ leaves, index }, n) => {
      const path = merklePath(leaves, index);
      const root = merkleRoot(leaves);
      expect(rootAt(leaves, index, [...path, root])).toBeNull();
      fc.pre(path.length > 0);
      expect(rootAt(leaves, index, path.slice(1))).toBeNull();
      const changed = path.map((hash, i) => (i === n % path.length ? hashSha256(hash) : hash));
      expect(rootAt(leaves, index, changed)).not.toEqual(root);
    }),
  );
});

test("a tree of another number of leaves has another root, and the order of leaves counts", () => {
  fc.assert(
    fc.property(arbitraryLeaves, (leaves) => {
      fc.pre(leaves.length > 1);
      const root = merkleRoot(leaves);
      expect(merkleRoot(leaves.slice(1))).not.toEqual(root);
      expect(merkleRoot([...leaves, at(leaves, leaves.length - 1)])).not.toEqual(root);
      expect(merkleRoot(leaves.toReversed())).not.toEqual(root);
    }),
  );
});

test("neither a leaf nor a node passes for the other", () => {
  const [left, right] = [hashLeaf(new Uint8Array([1])), hashLeaf(new Uint8Array([2]))];
  const joined = new Uint8Array([...left, ...right]);
  expect(merkleRoot([left, right])).not.toEqual(hashLeaf(joined));
  expect(merkleRoot([left, right])).not.toEqual(hashSha256(joined));
  expect(hashLeaf(joined)).not.toEqual(hashSha256(joined));
});

test("there is no root of nothing, and no path to a leaf that is not there", () => {
  const leaves = [hashLeaf(new Uint8Array())];
  expect(() => merkleRoot([])).toThrow(RangeError);
  for (const index of [-1, 1]) {
    expect(() => merklePath(leaves, index)).toThrow(RangeError);
    expect(rootFromPath(at(leaves, 0), index, 1, [])).toBeNull();
  }
  expect(rootFromPath(at(leaves, 0), 0, 0, [])).toBeNull();
});
