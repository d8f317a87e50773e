import { base64urlnopad, hex } from "@scure/base";
import { z } from "zod";
import {
  type CommitmentContext,
  commitmentRoot,
  commitmentStatement,
  leafRowsOf,
  renderSignature,
} from "../commitment.ts";
import { formatRunnerId, type RunnerId } from "../ids.ts";
import type { ShardDone } from "../runner.ts";
import type { Tensor } from "../tensor.ts";
import { rowCount } from "../tensor-rows.ts";

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** A runner of a test: its key is the seed of one byte, repeated. */
export interface TestSigner {
  id: RunnerId;
  key: Key;
}

/** What stands before the seed in a PKCS #8 Ed25519 private key (RFC 8410 section 7). */
const PKCS8_PREFIX = hex.decode("302e020100300506032b657004220420");

export async function createTestSigner(n: number): Promise<TestSigner> {
  const pkcs8 = new Uint8Array([...PKCS8_PREFIX, ...new Uint8Array(32).fill(n)]);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x } = z.object({ x: z.string() }).parse(await crypto.subtle.exportKey("jwk", key));
  return { id: formatRunnerId(base64urlnopad.decode(x)), key };
}

/** The commitment of a shard's outputs that a well-behaved runner sends along, signed with WebCrypto. */
export async function signCommitment(
  { id: runner, key }: TestSigner,
  bound: Omit<CommitmentContext, "runner" | "rows" | "leaf_rows">,
  outputs: readonly Tensor[],
  leaf_rows = leafRowsOf(outputs),
): Promise<Pick<ShardDone, "root" | "leaf_rows" | "signature">> {
  const rows = outputs[0] === undefined ? 0 : rowCount(outputs[0]);
  const context = { ...bound, runner, rows, leaf_rows };
  const root = commitmentRoot(context, outputs);
  const signed = await crypto.subtle.sign("Ed25519", key, commitmentStatement(context, root));
  return { root, leaf_rows, signature: renderSignature(new Uint8Array(signed)) };
}
