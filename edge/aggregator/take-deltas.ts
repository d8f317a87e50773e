import { isOpen, shardAt } from "@infernet/protocol/job-progress";
import type { ShardStream } from "@infernet/protocol/llm/stream/shard-stream";
import { lostAt } from "@infernet/protocol/llm/stream/stream-loss";
import { takeDelta } from "@infernet/protocol/llm/stream/take-delta";
import type { LeaseId, RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { StreamDelta, StreamDown, StreamUp } from "@infernet/schemas/llm/stream-message";
import { BLOCK_TOKENS } from "@infernet/schemas/llm/token-block";
import { type AggregatorContext, lookUpJob } from "./context.ts";
import { boundClass, completionAt, type JobStream, type OpenCompletion, tellReaders } from "./job-stream.ts";
import { keepBlocks, keepUnsigned } from "./keep-parts.ts";
import type { OpenJob } from "./open-job.ts";
import { recordFact } from "./record-fact.ts";
import { knownAllowances } from "./row-allowances.ts";
import { settleJob } from "./settle-job.ts";

export interface TakenDeltas {
  /** What the runner is told at once. */
  down: StreamDown;
  /** What was kept of it for good, once it is; null where nothing is to be. */
  kept: Promise<StreamDown["kept"]> | null;
}

/**
 * Takes what a runner has made. Readers have it before this returns; what is stored comes after. Whatever breaks a rule
 * ends the stream of its lease and nothing else.
 */
export function takeDeltas(ctx: AggregatorContext, runner: RunnerId, { deltas }: StreamUp): TakenDeltas {
  const down: StreamDown = { kept: [], resend: [], ended: [] };
  const keeping: Promise<{ lease_id: LeaseId; positions: number } | null>[] = [];
  for (const delta of deltas) {
    const found = findHeld(ctx, runner, delta);
    const taken = found === null ? "ended" : takeOne(ctx, runner, delta, found);
    if (taken === "ended") down.ended.push(delta.lease_id);
    else if ("from" in taken) down.resend.push({ lease_id: delta.lease_id, from: taken.from });
    else if (taken.kept !== null) keeping.push(taken.kept);
  }
  if (keeping.length === 0) return { down, kept: null };
  const kept = Promise.all(keeping).then((all) => all.filter((one) => one !== null));
  return { down, kept };
}

interface Held {
  job: OpenJob;
  stream: JobStream;
  completion: OpenCompletion;
}

/** The completion that a lease is for, if its runner holds it still; null where nobody wants it. */
function findHeld(ctx: AggregatorContext, runner: RunnerId, delta: StreamDelta): Held | null {
  const job = lookUpJob(ctx, delta.job_id);
  if (job === null || job.stream === null || !isOpen(job.progress)) return null;
  if (delta.shard >= job.record.shards) return null;
  const { leases } = shardAt(job.progress.shards, delta.shard);
  const isHeld = leases.some(
    ({ id, runner: holder, role }) => id === delta.lease_id && holder === runner && role === "compute",
  );
  if (!isHeld) return null;
  const completion = completionAt(job.stream, delta.shard);
  if (completion.holder !== null && completion.holder.lease_id !== delta.lease_id) {
    // Of two that were given one shard, whoever is heard of first goes on with it.
    const { shard } = delta;
    const reason = { reason: "handed_back", code: null, detail: null } as const;
    recordFact(ctx, job, { kind: "returned", runner, shards: [shard], ...reason });
    return null;
  }
  return { job, stream: job.stream, completion };
}

type One =
  | "ended"
  | { from: number }
  | { kept: Promise<{ lease_id: LeaseId; positions: number } | null> | null };

function takeOne(ctx: AggregatorContext, runner: RunnerId, delta: StreamDelta, held: Held): One {
  const { job, stream, completion } = held;
  const allowance = knownAllowances(ctx, job)?.[delta.shard];
  const now_ms = ctx.now();
  const taken = takeDelta(completion.stream, runner, delta, {
    tokens_max: allowance?.tokens_max ?? job.record.generation?.context_tokens ?? 0,
    has_tokens: job.record.engine === "llm",
    machine_class: job.record.generation?.failover === "continue" ? null : boundClass(completion),
  });
  if (taken.kind === "refused") {
    refuseStream(ctx, job, runner, delta, taken.detail);
    return "ended";
  }
  const { lease_id, shard, parts, prompt_tokens } = delta;
  const hasProgressed = completion.holder === null || (taken.kind === "taken" && taken.fresh > 0);
  const progressed_ms = hasProgressed ? now_ms : (completion.holder?.progressed_ms ?? now_ms);
  completion.holder = { shard, lease_id, runner, heard_ms: now_ms, progressed_ms, closed_ms: null };
  job.renewals.set(lease_id, now_ms + ctx.lease_ms);
  ctx.watchBy(lostAt(completion.holder));
  if (taken.kind === "gap") return { from: taken.from };
  if (prompt_tokens !== undefined)
    completion.prompt_tokens = Math.min(prompt_tokens, allowance?.prompt_tokens_max ?? prompt_tokens);
  if (taken.fresh > 0) {
    completion.waiting_ms = null;
    tellReaders(stream);
  }
  // Between two blocks nothing is stored, which is most of the time.
  const isSigned = job.record.engine === "llm";
  if (delta.blocks.length === 0 && (isSigned || parts.length === 0)) return { kept: null };
  const before = completion.stream.kept;
  const keep = async (): Promise<void> => {
    if (delta.blocks.length > 0)
      await keepBlocks(ctx, job, completion, delta, (detail) =>
        refuseStream(ctx, job, runner, delta, detail),
      );
    if (!isSigned) keepUnsigned(ctx, job, completion, shard, BLOCK_TOKENS);
  };
  const { stream: own } = completion;
  completion.keeping = completion.keeping.then(keep).catch(logKeeping);
  return { kept: completion.keeping.then(() => told(own, lease_id, before)) };
}

const told = (
  { kept }: ShardStream,
  lease_id: LeaseId,
  before: number,
): { lease_id: LeaseId; positions: number } | null => (kept > before ? { lease_id, positions: kept } : null);

/** Ends a stream that breaks a rule: its shard goes back to the queue, as if its answer had been refused. */
function refuseStream(
  ctx: AggregatorContext,
  job: OpenJob,
  runner: RunnerId,
  { shard, lease_id }: StreamDelta,
  detail: string,
): void {
  const isHeld = job.progress.shards[shard]?.leases.some(({ id }) => id === lease_id);
  if (!isHeld || !isOpen(job.progress)) return;
  const reason = detail.slice(0, LIMITS.failure_detail_chars_max);
  recordFact(ctx, job, {
    kind: "returned",
    runner,
    reason: "failed",
    shards: [shard],
    code: "output_refused",
    detail: reason,
  });
  settleJob(ctx, job);
}

/** What is not kept stays in memory and with its runner, and is kept with the next. */
function logKeeping(error: unknown): void {
  console.error(JSON.stringify({ event: "aggregator.keeping_failed", error: String(error) }));
}
