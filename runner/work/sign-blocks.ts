import { renderSignature } from "@infernet/schemas/commitment";
import type { ExecutionClass } from "@infernet/schemas/execution-class";
import { renderHash } from "@infernet/schemas/hash";
import {
  blockStatement,
  linkBlock,
  type SignedBlock,
  startChain,
  type TokenBlock,
} from "@infernet/schemas/llm/token-block";
import type { Lease } from "@infernet/schemas/runner";
import type { Committer } from "./commit-shard.ts";
import { hashNative } from "./native-hash.ts";

/** Signs the blocks of one lease, each with all before it: to be called in their order. */
export function createBlockSigner(
  { network, identity }: Committer,
  { id: lease_id, job_id, shard, model }: Pick<Lease, "id" | "job_id" | "shard" | "model">,
  execution_class: ExecutionClass,
): (block: TokenBlock) => SignedBlock {
  const context = { network, job_id, shard, lease_id, runner: identity.id, model, execution_class };
  let linked = startChain(context, hashNative);
  return (block) => {
    linked = linkBlock(linked, block, hashNative);
    const chain = renderHash(linked);
    const signature = renderSignature(identity.sign(blockStatement(chain)));
    return { block, execution_class, chain, signature };
  };
}
