import { base64urlnopad } from "@scure/base";
import { z } from "zod";
import { Sha256 } from "./digest.ts";
import { ExecutionClass } from "./execution-class.ts";
import { type Hash, hashSha256, parseHash, renderHash } from "./hash.ts";
import { JobId, LeaseId, RunnerId, ShardIndex } from "./ids.ts";
import { frameLeaf, merkleRoot } from "./merkle.ts";
import { elementCount, type Tensor } from "./tensor.ts";
import { frameBytes } from "./tensor-bytes.ts";
import { isFixed } from "./tensor-elements.ts";
import { rowBytes, rowCount } from "./tensor-rows.ts";

/** A runner's raw Ed25519 signature (RFC 8032), 64 bytes in base64url without padding. */
export const Signature = z
  .string()
  .regex(/^[A-Za-z0-9_-]{85}[AQgw]$/, "is not an Ed25519 signature in base64url")
  .meta({ id: "Signature" });
export type Signature = z.infer<typeof Signature>;

export const renderSignature = (bytes: Uint8Array): Signature =>
  Signature.parse(base64urlnopad.encode(bytes));
export const parseSignature = (text: Signature): Uint8Array<ArrayBuffer> =>
  new Uint8Array(base64urlnopad.decode(text));

/** The network that a statement is made for: the aggregator's raw Ed25519 public key, in base64url. */
export const NetworkId = z
  .string()
  .regex(/^net_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/, "is not a network id")
  .meta({ id: "NetworkId" });
export type NetworkId = z.infer<typeof NetworkId>;

/** What a commitment is bound to. A root that was made for one of them says nothing about another. */
export const CommitmentContext = z.strictObject({
  network: NetworkId,
  job_id: JobId,
  shard: ShardIndex,
  lease_id: LeaseId,
  runner: RunnerId,
  model: Sha256,
  execution_class: ExecutionClass,
  /** Rows committed to. */
  rows: z.int().min(1),
  /** Rows in one leaf of the tree; the last may hold fewer. */
  leaf_rows: z.int().min(1),
});
export type CommitmentContext = z.infer<typeof CommitmentContext>;

/** Leaves hold at least this much, where rows are small: hashing many tiny ones would cost more than it proves. */
const LEAF_BYTES = 8_192;

/** Rows in one leaf: as many as make eight kibibytes of output, at least one. BYTES outputs count by their mean. */
export function leafRowsOf(outputs: readonly Tensor[]): number {
  const [first] = outputs;
  const rows = first === undefined ? 0 : rowCount(first);
  const bytes = outputs.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (rows === 0 || bytes === 0) return 1;
  return Math.max(1, Math.min(rows, Math.floor((LEAF_BYTES * rows) / bytes)));
}

/**
 * The leaf hashes over a shard's outputs, in the manifest's order of tensors. A leaf is, tensor by tensor, the shape of a
 * row (the number of its dimensions and each of them), the length of the rows' raw bytes, and those bytes; every number
 * is 4 bytes, little-endian. Throws RangeError when BYTES are not framed as their shape says.
 */
export function hashRows(
  outputs: readonly Tensor[],
  leaf_rows: number,
  hash: Hash = hashSha256,
): Uint8Array[] {
  const rows = outputs[0] === undefined ? 0 : rowCount(outputs[0]);
  const cuts = outputs.map(cutRows);
  const heads = outputs.map(({ shape }) => renderNumbers([shape.length - 1, ...shape.slice(1), 0]));
  const leaves: Uint8Array[] = [];
  for (let start = 0; start < rows; start += leaf_rows) {
    const end = Math.min(start + leaf_rows, rows);
    const parts = cuts.map((cut) => cut(start, end));
    leaves.push(hash(renderLeaf(heads, parts)));
  }
  return leaves;
}

type Cut = (start: number, end: number) => Uint8Array;

/** Rows of a tensor as views of its bytes; BYTES are framed once. */
function cutRows(tensor: Tensor): Cut {
  if (isFixed(tensor)) {
    const size = rowBytes(tensor.datatype, tensor.shape);
    return (start, end) => tensor.data.subarray(start * size, end * size);
  }
  const width = elementCount(tensor.shape.slice(1));
  const offsets = frameBytes(tensor.data, elementCount(tensor.shape));
  if (offsets === null) throw new RangeError(`the BYTES of '${tensor.name}' do not fit its shape`);
  return (start, end) => tensor.data.subarray(offsets[start * width], offsets[end * width]);
}

/** @param heads what stands before each part, whose last number is its length */
function renderLeaf(heads: readonly Uint8Array[], parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const head of heads) length += head.length;
  for (const part of parts) length += part.length;
  const bytes = frameLeaf(length);
  const view = new DataView(bytes.buffer);
  let offset = 1;
  for (let i = 0; i < parts.length; i += 1) {
    const head = heads[i] as Uint8Array;
    const part = parts[i] as Uint8Array;
    bytes.set(head, offset);
    offset += head.length;
    view.setUint32(offset - 4, part.length, true);
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Each as 4 bytes, little-endian. */
function renderNumbers(numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [i, number] of numbers.entries()) view.setUint32(4 * i, number, true);
  return new Uint8Array(view.buffer);
}

const BOUND = 0x02;

/**
 * The commitment's root: sha256(0x02 || sha256(canonical context) || tree root). The tree's own root stays with its
 * maker, so whoever copies a commitment cannot bind what is in it to another name.
 */
export function bindRoot(context: CommitmentContext, treeRoot: Uint8Array, hash: Hash = hashSha256): Sha256 {
  const bound = new Uint8Array(65);
  bound[0] = BOUND;
  bound.set(hashContext(context, hash), 1);
  bound.set(treeRoot, 33);
  return renderHash(hash(bound));
}

/** The commitment to a shard's outputs. */
export function commitmentRoot(
  context: CommitmentContext,
  outputs: readonly Tensor[],
  hash: Hash = hashSha256,
): Sha256 {
  return bindRoot(context, merkleRoot(hashRows(outputs, context.leaf_rows, hash), hash), hash);
}

/** What every statement begins with, so that no signature made for something else is one of a commitment. */
const DOMAIN = new TextEncoder().encode("infernet/commit\0");

/**
 * What the runner signs with the key that its id spells, 80 bytes: the domain, the sha256 of the canonical context and
 * the root. Two of them by one runner with one context and two roots contradict each other, and are short enough to be
 * shown to a program on a chain: see `escrow/solana/README.md`.
 */
export function commitmentStatement(
  context: CommitmentContext,
  root: Sha256,
  hash: Hash = hashSha256,
): Uint8Array<ArrayBuffer> {
  const statement = new Uint8Array(80);
  statement.set(DOMAIN);
  statement.set(hashContext(context, hash), 16);
  statement.set(parseHash(root), 48);
  return statement;
}

/**
 * The sha256 of the context's canonical JSON (RFC 8785): its members are plain text and whole numbers, so that writing
 * them in the order of their names is all there is to it, at a tenth of a general serialiser's cost.
 */
export function hashContext(context: CommitmentContext, hash: Hash = hashSha256): Uint8Array {
  const { execution_class, job_id, leaf_rows, lease_id, model, network, rows, runner, shard } = context;
  const members = { execution_class, job_id, leaf_rows, lease_id, model, network, rows, runner, shard };
  return hash(new TextEncoder().encode(JSON.stringify(members)));
}
