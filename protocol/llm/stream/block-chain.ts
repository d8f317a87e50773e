import type { NetworkId } from "@infernet/schemas/commitment";
import type { Sha256 } from "@infernet/schemas/digest";
import { parseHash, renderHash } from "@infernet/schemas/hash";
import type { JobId } from "@infernet/schemas/ids";
import { BLOCK_TOKENS, linkBlock, type SignedBlock, startChain } from "@infernet/schemas/llm/token-block";
import type { Maker, ShardStream } from "./shard-stream.ts";

/** Bytes of a block's fingerprint for each of its positions: see `Evidence`. */
const FINGERPRINT_BYTES = 48;

/** The blocks of one lease so far: where the next one begins, and the chain before it. */
export interface BlockChain {
  next: number;
  chain: Uint8Array;
  /** Set by a block of fewer positions than others: nothing follows on it. */
  isClosed: boolean;
}

interface Chained {
  network: NetworkId;
  job_id: JobId;
  shard: number;
  model: Sha256;
  maker: Pick<Maker, "runner" | "lease_id" | "execution_class" | "start">;
}

/** The chain of a lease before its first block, which is the one that holds its first position. */
export function openChain({ network, job_id, shard, model, maker }: Chained): BlockChain {
  const { runner, lease_id, execution_class, start } = maker;
  const context = { network, job_id, shard, lease_id, runner, model, execution_class };
  const next = start - (start % BLOCK_TOKENS);
  return { next, chain: startChain(context), isClosed: false };
}

/** The chain of a lease after a block of it that is known to be right. */
export const resumeChain = ({ block, chain }: SignedBlock): BlockChain => ({
  next: block.start + BLOCK_TOKENS,
  chain: parseHash(chain),
  isClosed: block.tokens.length < BLOCK_TOKENS,
});

export type Linked =
  /** It follows on the chain; its signature is not looked at here. */
  | { kind: "linked"; after: BlockChain }
  /** It is known already. */
  | { kind: "known" }
  | { kind: "refused"; detail: string };

/** Holds a block against the parts that it is about and against the chain of its lease. */
export function linkSigned(
  stream: ShardStream,
  before: BlockChain,
  signed: SignedBlock,
  execution_class: Maker["execution_class"],
): Linked {
  const { block, chain } = signed;
  const { start, tokens, fingerprint, margins } = block;
  if (start < before.next) return { kind: "known" };
  const refused = (detail: string): Linked => ({ kind: "refused", detail: `block at ${start}: ${detail}` });
  if (before.isClosed) return refused("it follows on a block that was the last");
  if (start > before.next) return refused(`the next block begins at ${before.next}`);
  if (signed.execution_class !== execution_class)
    return refused(`it is of ${signed.execution_class}, the parts of ${execution_class}`);
  const parts = stream.parts.slice(start, start + tokens.length);
  if (parts.length < tokens.length || parts.some(({ token }, n) => token !== tokens[n]))
    return refused("its tokens are not those of the parts");
  if (fingerprint.length !== FINGERPRINT_BYTES * tokens.length || margins.length !== tokens.length)
    return refused("its evidence is not of as many positions as it has");
  const after = linkBlock(before.chain, block);
  if (renderHash(after) !== chain) return refused("its chain does not follow on the one before");
  return {
    kind: "linked",
    after: { next: start + BLOCK_TOKENS, chain: after, isClosed: tokens.length < BLOCK_TOKENS },
  };
}
