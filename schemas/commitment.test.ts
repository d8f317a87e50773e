import { hex } from "@scure/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bindRoot,
  CommitmentContext,
  commitmentRoot,
  commitmentStatement,
  hashRows,
  leafRowsOf,
  parseSignature,
  renderSignature,
  Signature,
} from "./commitment.ts";
import { canonicalBytes, Sha256 } from "./digest.ts";
import { hashSha256, parseHash } from "./hash.ts";
import { publicKeyOf } from "./ids.ts";
import { merkleRoot, merkleTree, pathIn, rootFromPath } from "./merkle.ts";
import { Datatype, type Tensor } from "./tensor.ts";
import { joinBytes } from "./tensor-bytes.ts";
import { rowCount, sliceRows } from "./tensor-rows.ts";
import { arbitraryTensor } from "./testing/tensor-arbitrary.ts";
import vectors from "./vectors/commitment.valid.json";

const UUID = "019aa5d0c1f07c3e8f2b6d4e5a901122";
const context = CommitmentContext.parse({
  network: `net_${"A".repeat(43)}`,
  job_id: `job_03f_${UUID}`,
  shard: 7,
  lease_id: `lease_03f_${UUID}_0`,
  runner: `run_${"a".repeat(52)}`,
  model: "0".repeat(64),
  execution_class: "onnx/1.30.0/cpu/fp32",
  rows: 3,
  leaf_rows: 1,
});
/** Another value for each member of the context. */
const CHANGES: Record<keyof CommitmentContext, unknown> = {
  network: `net_${"B".repeat(42)}A`,
  job_id: `job_03e_${UUID}`,
  shard: 8,
  lease_id: `lease_03f_${UUID}_1`,
  runner: `run_${"b".repeat(52)}`,
  model: "1".repeat(64),
  execution_class: "onnx/1.30.0/cpu/int8",
  rows: 4,
  leaf_rows: 2,
};

const outputOf = (data: Uint8Array<ArrayBuffer>, ...shape: number[]): Tensor => ({
  name: "y",
  datatype: "UINT8",
  shape,
  data,
});
const bytes = outputOf(Uint8Array.of(1, 2, 3), 3, 1);
const arbitraryOutputs = fc
  .array(arbitraryTensor({ rows_max: 12 }), { minLength: 1, maxLength: 3 })
  .map((tensors) => {
    const rows = Math.min(...tensors.map(rowCount));
    return tensors.map((tensor) => sliceRows(tensor, 0, rows));
  })
  .filter(([first]) => first !== undefined && rowCount(first) > 0);

describe.each(vectors)("a commitment made elsewhere: $why", (vector) => {
  const committed = CommitmentContext.parse(vector.context);
  const outputs = vector.outputs.map(
    (output): Tensor => ({
      ...output,
      datatype: Datatype.parse(output.datatype),
      data: new Uint8Array(hex.decode(output.data.hex)),
    }),
  );

  test("has the same leaves and root", () => {
    expect(leafRowsOf(outputs)).toBe(committed.leaf_rows);
    expect(hashRows(outputs, committed.leaf_rows)).toHaveLength(vector.leaves);
    expect(commitmentRoot(committed, outputs)).toBe(vector.root);
  });

  test("is signed over the same statement, by the key that the runner's id spells", async () => {
    const statement = commitmentStatement(committed, Sha256.parse(vector.root));
    expect(hex.encode(statement)).toBe(vector.statement);
    const key = await crypto.subtle.importKey("raw", publicKeyOf(committed.runner), "Ed25519", false, [
      "verify",
    ]);
    const signature = parseSignature(Signature.parse(vector.signature));
    expect(await crypto.subtle.verify("Ed25519", key, signature, statement)).toBe(true);
  });
});

test("what is hashed and signed holds the canonical JSON of the context, whatever the order of its members", () => {
  const { network, execution_class, ...rest } = context;
  const reordered = { execution_class, ...rest, network };
  const root = commitmentRoot(reordered, [bytes]);
  expect(root).toBe(commitmentRoot(context, [bytes]));
  const domain = new TextEncoder().encode("infernet/commit\0");
  const parts = [domain, hashSha256(canonicalBytes(context)), parseHash(root)];
  expect(commitmentStatement(reordered, root)).toEqual(Uint8Array.from(parts.flatMap((part) => [...part])));
});

test.each(Object.entries(CHANGES))("the root of another %s is another", (name, value) => {
  const changed = CommitmentContext.parse({ ...context, [name]: value });
  const tree = merkleRoot(hashRows([bytes], 1));
  expect(bindRoot(changed, tree)).not.toBe(bindRoot(context, tree));
  expect(commitmentRoot(changed, [bytes])).not.toBe(commitmentRoot(context, [bytes]));
  const root = commitmentRoot(context, [bytes]);
  expect(commitmentStatement(changed, root)).not.toEqual(commitmentStatement(context, root));
});

test("any changed bit of any row gives another root", () => {
  fc.assert(
    fc.property(arbitraryOutputs, fc.nat(), fc.nat({ max: 7 }), (outputs, at, bit) => {
      // Bits of a BYTES length would break the framing, which is refused before.
      const candidates = outputs.filter(({ datatype, data }) => datatype !== "BYTES" && data.length > 0);
      const target = candidates[at % Math.max(1, candidates.length)];
      fc.pre(target !== undefined);
      const changed = outputs.map((output) => (output === target ? flipBit(output, at, bit) : output));
      const inContext = { ...context, leaf_rows: leafRowsOf(outputs) };
      expect(commitmentRoot(inContext, changed)).not.toBe(commitmentRoot(inContext, outputs));
    }),
  );
});

test("bytes moved from one output, row or element to the next give another root", () => {
  const root = (...outputs: Tensor[]) => commitmentRoot(context, outputs);
  const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
  expect(root(outputOf(a, 1, 2), outputOf(b, 1, 1))).not.toBe(root(outputOf(b, 1, 1), outputOf(a, 1, 2)));
  expect(root(outputOf(a, 1, 2), outputOf(b, 1, 1))).not.toBe(
    root(outputOf(Uint8Array.of(1), 1, 1), outputOf(Uint8Array.of(2, 3), 1, 2)),
  );
  expect(root(outputOf(a, 1, 2))).not.toBe(root(outputOf(a, 2, 1)));
  const words = (...elements: string[]): Tensor => {
    const data = joinBytes(elements.map((element) => new TextEncoder().encode(element)));
    return { ...outputOf(data, elements.length), datatype: "BYTES" };
  };
  expect(root(words("ab", "c"))).not.toBe(root(words("a", "bc")));
});

test("rows of the same bytes and another shape give another root", () => {
  const data = Uint8Array.from({ length: 6 }, (_, i) => i);
  const shapes = [
    [1, 2, 3],
    [1, 3, 2],
    [1, 6],
    [1, 6, 1],
  ];
  const roots = shapes.map((shape) => commitmentRoot(context, [outputOf(data, ...shape)]));
  expect(new Set(roots).size).toBe(shapes.length);
});

test("each leaf is provable by its path, without the other rows", () => {
  fc.assert(
    fc.property(arbitraryOutputs, fc.nat(), (outputs, n) => {
      const leaf_rows = 2;
      const leaves = hashRows(outputs, leaf_rows);
      const index = n % leaves.length;
      const count = Math.min(leaf_rows, rowCount(outputs[0] ?? bytes) - index * leaf_rows);
      const alone = hashRows(
        outputs.map((output) => sliceRows(output, index * leaf_rows, count)),
        leaf_rows,
      );
      expect(alone).toEqual([leaves[index]]);
      const [leaf = new Uint8Array()] = alone;
      const path = pathIn(merkleTree(leaves), index);
      expect(rootFromPath(leaf, index, leaves.length, path)).toEqual(merkleRoot(leaves));
    }),
  );
});

test("the bound root is none of the tree's own: neither a leaf nor a node can stand for it", () => {
  const tree = merkleRoot(hashRows([bytes], 1));
  const behind = (prefix: number): string =>
    hex.encode(hashSha256(Uint8Array.of(prefix, ...hashSha256(canonicalBytes(context)), ...tree)));
  expect(bindRoot(context, tree)).toBe(behind(0x02));
  expect([behind(0x00), behind(0x01), hex.encode(tree)]).not.toContain(bindRoot(context, tree));
});

test("a leaf holds eight kibibytes of rows, at least one and at most all", () => {
  const of = (rows: number, row_bytes: number) =>
    leafRowsOf([outputOf(new Uint8Array(rows * row_bytes), rows, row_bytes)]);
  expect(of(256, 140)).toBe(58);
  expect(of(4, 8_192)).toBe(1);
  expect(of(4, 20_000)).toBe(1);
  expect(of(4, 4_000)).toBe(2);
  expect(of(10, 1)).toBe(10);
  expect(of(10, 0)).toBe(1);
  expect(leafRowsOf([])).toBe(1);
  const pair = [outputOf(new Uint8Array(16_000), 4, 4_000), outputOf(new Uint8Array(384), 4, 96)];
  expect(leafRowsOf(pair)).toBe(2);
});

test("the number of leaves is that of the rows over the rows in a leaf, rounded up", () => {
  fc.assert(
    fc.property(arbitraryOutputs, fc.integer({ min: 1, max: 14 }), (outputs, leaf_rows) => {
      const rows = rowCount(outputs[0] ?? bytes);
      expect(hashRows(outputs, leaf_rows)).toHaveLength(Math.ceil(rows / leaf_rows));
    }),
  );
});

test("BYTES that are not framed as their shape says have no leaves", () => {
  const broken: Tensor = { ...outputOf(Uint8Array.of(9, 0, 0, 0, 1), 1), datatype: "BYTES" };
  expect(() => hashRows([broken], 1)).toThrow(RangeError);
});

test("many short BYTES are hashed in time that grows with their number, not its square", () => {
  const rows = 300_000;
  const output: Tensor = { ...outputOf(new Uint8Array(4 * rows), rows), datatype: "BYTES" };
  expect(hashRows([output], leafRowsOf([output]))).toHaveLength(Math.ceil(rows / 2_048));
});

test("a signature's text and its bytes stand for each other, and no other text for them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (signature) => {
      expect(parseSignature(renderSignature(signature))).toEqual(Uint8Array.from(signature));
    }),
  );
  expect(Signature.safeParse(`${"A".repeat(85)}B`).success).toBe(false);
  expect(Signature.safeParse("A".repeat(85)).success).toBe(false);
});

function flipBit(output: Tensor, at: number, bit: number): Tensor {
  const data = output.data.slice();
  const index = at % data.length;
  data[index] = (data[index] ?? 0) ^ (1 << bit);
  return { ...output, data };
}
