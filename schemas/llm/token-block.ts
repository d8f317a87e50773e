import { z } from "zod";
import { encodeBinary } from "../binary.ts";
import { hashContext, type NetworkId, Signature } from "../commitment.ts";
import { Sha256 } from "../digest.ts";
import { ExecutionClass } from "../execution-class.ts";
import { type Hash, hashSha256, parseHash } from "../hash.ts";
import type { JobId, LeaseId, RunnerId } from "../ids.ts";

/** Positions of a completion that are signed together. A completion's last block may have fewer. */
export const BLOCK_TOKENS = 32;

/** Consecutive positions of a completion, counted from 0, with the evidence for them: see `Evidence`. */
export const TokenBlock = z.strictObject({
  /** A multiple of 32. */
  start: z.int().min(0),
  tokens: z.array(z.int().min(0)).min(1).max(BLOCK_TOKENS),
  fingerprint: z.instanceof(Uint8Array<ArrayBuffer>),
  margins: z.array(z.int().min(0)).min(1).max(BLOCK_TOKENS),
});
export type TokenBlock = z.infer<typeof TokenBlock>;

/**
 * A block with its maker's signature over it and, by the chain, over all blocks that it made under the lease before. Each lease
 * starts a chain; its first block is the one that holds the first position made under the lease, those given of it included.
 */
export const SignedBlock = z.strictObject({
  block: TokenBlock,
  execution_class: ExecutionClass,
  chain: Sha256,
  signature: Signature,
});
export type SignedBlock = z.infer<typeof SignedBlock>;

/** What a chain of blocks is bound to. */
export interface BlockContext {
  network: NetworkId;
  job_id: JobId;
  shard: number;
  lease_id: LeaseId;
  runner: RunnerId;
  model: Sha256;
  execution_class: ExecutionClass;
}

const DOMAIN = new TextEncoder().encode("infernet/blocks\0");

/** The chain before the first block: sha256 of the canonical context, as of a commitment to no rows. */
export const startChain = (context: BlockContext, hash: Hash = hashSha256): Uint8Array =>
  hashContext({ ...context, rows: 1, leaf_rows: 1 }, hash);

/** chain_i = sha256(chain_(i-1) || sha256(block_i in deterministic CBOR)). */
export function linkBlock(chain: Uint8Array, block: TokenBlock, hash: Hash = hashSha256): Uint8Array {
  const linked = new Uint8Array(64);
  linked.set(chain);
  linked.set(hash(encodeBinary(block)), 32);
  return hash(linked);
}

/** What the runner signs, 48 bytes: the domain and the chain. */
export function blockStatement(chain: Sha256): Uint8Array<ArrayBuffer> {
  const statement = new Uint8Array(48);
  statement.set(DOMAIN);
  statement.set(parseHash(chain), 16);
  return statement;
}
