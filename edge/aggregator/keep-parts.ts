import { insertParts } from "@infernet/db/aggregator/streams";
import { linkSigned, openChain } from "@infernet/protocol/llm/stream/block-chain";
import type { Maker } from "@infernet/protocol/llm/stream/shard-stream";
import { isSignedByRunner } from "@infernet/schemas/ed25519";
import type { StreamDelta } from "@infernet/schemas/llm/stream-message";
import { blockStatement, type SignedBlock } from "@infernet/schemas/llm/token-block";
import { loadNetworkKey } from "../network/network-key.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenCompletion } from "./job-stream.ts";
import type { OpenJob } from "./open-job.ts";

/** Verifies the blocks of a delta and stores each with its parts: one row. @param refuse told what is wrong with one */
export async function keepBlocks(
  ctx: AggregatorContext,
  job: OpenJob,
  completion: OpenCompletion,
  { shard, lease_id, blocks, job_id }: StreamDelta,
  refuse: (detail: string) => void,
): Promise<void> {
  const { stream } = completion;
  const maker = stream.makers.find((one) => one.lease_id === lease_id);
  if (maker === undefined) return refuse("a block before any part");
  const { id: network } = await loadNetworkKey(ctx.env);
  const { digest: model } = job.record.model;
  for (const signed of blocks) {
    const chain = completion.chains.get(lease_id) ?? openChain({ network, job_id, shard, model, maker });
    const linked = linkSigned(stream, chain, signed, maker.execution_class);
    if (linked.kind === "known") continue;
    if (linked.kind === "refused") return refuse(linked.detail);
    if (!(await isSignedByRunner(maker.runner, blockStatement(signed.chain), signed.signature)))
      return refuse(`block at ${signed.block.start}: it is not ${maker.runner}'s signature`);
    // It may have begun anew meanwhile.
    if (completion.stream !== stream) return;
    completion.chains.set(lease_id, linked.after);
    keepUpTo(ctx, job, completion, shard, signed.block.start + signed.block.tokens.length, signed);
  }
}

/** Of engines that sign no blocks: stores parts as often as blocks would be. @param count positions of a row */
export function keepUnsigned(
  ctx: AggregatorContext,
  job: OpenJob,
  completion: OpenCompletion,
  shard: number,
  count: number,
): void {
  const { stream } = completion;
  while (stream.positions - stream.kept >= count)
    keepUpTo(ctx, job, completion, shard, stream.kept + count, null);
}

/** Stores what is not stored yet: when its maker is lost, or the answer has come. */
export const keepRest = (
  ctx: AggregatorContext,
  job: OpenJob,
  completion: OpenCompletion,
  shard: number,
): void => keepUpTo(ctx, job, completion, shard, completion.stream.positions, null);

/** One row for each maker of the positions from those kept to `end`: mostly one. */
function keepUpTo(
  ctx: AggregatorContext,
  job: OpenJob,
  { stream }: OpenCompletion,
  shard: number,
  end: number,
  block: SignedBlock | null,
): void {
  while (stream.kept < end) {
    const start = stream.kept;
    const maker = makerAt(stream.makers, start);
    const until = Math.min(end, maker.start + maker.positions);
    const parts = stream.parts.slice(start, until);
    const { runner, lease_id, execution_class } = maker;
    const stored = { shard, start, runner, lease_id, execution_class, parts };
    insertParts(ctx.db, job.record.id, { ...stored, block: until === end ? block : null });
    stream.kept = until;
  }
}

function makerAt(makers: readonly Maker[], position: number): Maker {
  const found = makers.find(({ start, positions }) => position < start + positions);
  if (found === undefined) throw new Error(`nobody made position ${position}`);
  return found;
}
