import type { AggregatorDb } from "@infernet/db/aggregator/store";
import { listParts, type StoredParts } from "@infernet/db/aggregator/streams";
import type { JobProgress } from "@infernet/protocol/job-progress";
import { isFinal, streamEpoch } from "@infernet/protocol/job-progress";
import { type BlockChain, resumeChain } from "@infernet/protocol/llm/stream/block-chain";
import { machineClass, ShardStream } from "@infernet/protocol/llm/stream/shard-stream";
import type { Holder } from "@infernet/protocol/llm/stream/stream-loss";
import type { LeaseId } from "@infernet/schemas/ids";
import type { JobRecord } from "@infernet/schemas/job-record";
import type { Generation } from "@infernet/schemas/llm/generation";
import type { StreamRecord } from "./stream-records.ts";

/** How a completion ended, for readers. */
export type Finished = Omit<Extract<StreamRecord, { kind: "finished" }>, "kind" | "shard">;

/** One completion of a streamed job and what is known of who makes it. */
export interface OpenCompletion {
  stream: ShardStream;
  /** Set once its answer was taken. */
  finished: Finished | null;
  /** Who delivers now; null while nobody does. */
  holder: Holder | null;
  /** Blocks of the leases that delivered it. */
  readonly chains: Map<LeaseId, BlockChain>;
  /** Signatures are verified and rows written one after the other. */
  keeping: Promise<void>;
  /** Since when it waits for a machine to go on with it, in Unix ms; null while it does not. */
  waiting_ms: number | null;
  /** Whether a machine of any class may go on with it. */
  isReleased: boolean;
  /** Tokens of its prompt, as its maker counted them; null before. */
  prompt_tokens: number | null;
}

/** The soft state of a job whose tokens are delivered as they are made. */
export interface JobStream {
  readonly completions: readonly OpenCompletion[];
  /** Called at every change that a reader may want to see. */
  readonly listeners: Set<() => void>;
  readers: number;
  /** Completions that are about to be committed, by their lease. */
  readonly committing: Map<LeaseId, Generation>;
}

const createCompletion = (epoch: number, waiting_ms: number | null): OpenCompletion => ({
  stream: new ShardStream(epoch),
  finished: null,
  holder: null,
  chains: new Map(),
  keeping: Promise.resolve(),
  waiting_ms,
  isReleased: false,
  prompt_tokens: null,
});

/** The stream of a new job; null where tokens are not delivered as they are made. */
export function createJobStream({ generation, shards, shard_rows }: JobRecord): JobStream | null {
  if (generation?.stream !== true || shard_rows !== 1) return null;
  const completions = Array.from({ length: shards }, () => createCompletion(0, null));
  return { completions, listeners: new Set(), readers: 0, committing: new Map() };
}

/** Reads back what was kept. Whose lease runs on is waited for as if its connection had broken now. */
export function restoreStream(
  db: AggregatorDb,
  stream: JobStream,
  progress: JobProgress,
  now_ms: number,
): void {
  for (const [index, shard] of progress.shards.entries())
    if (!isFinal(progress.state)) restartCompletion(stream, index, streamEpoch(shard));
  for (const stored of listParts(db, progress.plan.job_id)) restoreParts(stream, stored);
  if (isFinal(progress.state)) return;
  for (const [index, shard] of progress.shards.entries()) {
    const completion = completionAt(stream, index);
    const maker = completion.stream.makers.at(-1);
    if (maker === undefined || shard.answer !== null) continue;
    const { runner, lease_id } = maker;
    const isHeld = shard.leases.some((lease) => lease.id === lease_id);
    if (isHeld)
      completion.holder = {
        shard: index,
        lease_id,
        runner,
        heard_ms: now_ms,
        progressed_ms: now_ms,
        closed_ms: now_ms,
      };
    else completion.waiting_ms = now_ms;
  }
}

function restoreParts(stream: JobStream, stored: StoredParts): void {
  const { shard, start, runner, lease_id, execution_class, parts, block } = stored;
  const completion = completionAt(stream, shard);
  if (completion.stream.positions !== start)
    throw new Error(`shard ${shard} is kept up to ${completion.stream.positions}, then from ${start}`);
  completion.stream.append(parts, { runner, lease_id, execution_class });
  completion.stream.kept = completion.stream.positions;
  if (block !== null) completion.chains.set(lease_id, resumeChain(block));
}

export function completionAt({ completions }: JobStream, shard: number): OpenCompletion {
  const found = completions[shard];
  if (found === undefined) throw new Error(`there is no stream of shard ${shard}`);
  return found;
}

/** What was delivered is void from here on: readers are told by the epoch. */
export function restartCompletion(stream: JobStream, shard: number, epoch: number): void {
  const completion = completionAt(stream, shard);
  if (completion.stream.epoch === epoch) return;
  const { keeping } = completion;
  Object.assign(completion, createCompletion(epoch, null), { keeping });
}

/**
 * Engine, version and execution provider that whoever goes on with a completion must bring; null where nothing was delivered
 * of it, or any machine may go on.
 */
export function boundClass({ stream, isReleased }: OpenCompletion): string | null {
  const [first] = stream.makers;
  return first === undefined || isReleased ? null : machineClass(first.execution_class);
}

/** Has every reader look. */
export function tellReaders({ listeners }: JobStream): void {
  for (const call of [...listeners]) call();
}

/** What readers are told of a finished completion. */
export function describeFinished(
  generation: Generation,
  rest: string,
  units: number,
  continued: Finished["continued"],
): Finished {
  if ("error" in generation)
    return { rest: "", finish_reason: null, usage: null, error: generation.error, units, continued };
  const { finish_reason, usage, message } = generation;
  return {
    rest,
    finish_reason,
    usage,
    error: null,
    units,
    continued,
    ...(message === undefined ? {} : { message }),
  };
}
