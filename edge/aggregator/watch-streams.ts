import { isFinal, shardAt } from "@infernet/protocol/job-progress";
import { isLost, lostAt } from "@infernet/protocol/llm/stream/stream-loss";
import { isReady } from "@infernet/protocol/shard-state";
import { InfernetError, renderProblem } from "@infernet/schemas/errors";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { readFleet } from "../jobs/read-fleet.ts";
import { closeJob } from "./close-job.ts";
import type { AggregatorContext } from "./context.ts";
import { boundClass, completionAt, type OpenCompletion } from "./job-stream.ts";
import { needOfJob } from "./need-of.ts";
import { NO_OFFER, type OpenJob } from "./open-job.ts";
import { recordFact } from "./record-fact.ts";
import { settleJob } from "./settle-job.ts";

/**
 * Everything that time alone brings about in streams: who is not heard of loses its lease, and where no machine of the
 * class is left that could go on, the job's `failover` decides.
 */
export function watchStreams(ctx: AggregatorContext): void {
  const now_ms = ctx.now();
  for (const job of [...ctx.jobs.values()]) {
    if (job.stream === null || isFinal(job.progress.state)) continue;
    for (const [shard, completion] of job.stream.completions.entries()) {
      const { holder } = completion;
      if (holder !== null && isLost(holder, now_ms)) loseHolder(ctx, job, shard, holder.runner);
      if (isDue(job, shard, completion, now_ms)) ctx.defer(decideFailover(ctx, job, shard));
      const next_ms = watchAt(job, shard, completion);
      if (next_ms !== null) ctx.watchBy(next_ms);
    }
  }
}

/** A runner's connection broke: what it streams waits for it a moment. */
export function noteClosed(ctx: AggregatorContext, runner: RunnerId): void {
  const closed_ms = ctx.now();
  for (const { stream } of ctx.jobs.values()) {
    for (const completion of stream?.completions ?? []) {
      const { holder } = completion;
      if (holder === null || holder.runner !== runner) continue;
      completion.holder = { ...holder, closed_ms };
      ctx.watchBy(lostAt(completion.holder));
    }
  }
}

/** When a completion has to be looked at again, in Unix ms; null where nothing is to come. */
function watchAt(job: OpenJob, shard: number, completion: OpenCompletion): number | null {
  const { holder, waiting_ms } = completion;
  if (holder !== null) return lostAt(holder);
  if (waiting_ms === null || !mayDecide(job, shard, completion)) return null;
  return waiting_ms + LIMITS.stream_class_wait_ms;
}

function loseHolder(ctx: AggregatorContext, job: OpenJob, shard: number, runner: RunnerId): void {
  const why = { reason: "expired", code: null, detail: null } as const;
  recordFact(ctx, job, { kind: "returned", runner, shards: [shard], ...why });
  settleJob(ctx, job);
}

const isDue = (job: OpenJob, shard: number, completion: OpenCompletion, now_ms: number): boolean =>
  completion.waiting_ms !== null &&
  completion.waiting_ms + LIMITS.stream_class_wait_ms <= now_ms &&
  mayDecide(job, shard, completion);

/** Whether a machine of its class is waited for, and nobody has it. */
const mayDecide = ({ progress }: OpenJob, shard: number, completion: OpenCompletion): boolean =>
  boundClass(completion) !== null && isReady(shardAt(progress.shards, shard));

/**
 * Whether a machine of the class is there that has not lost this very shard is asked of those that were heard of lately: one
 * that waits for work asks at least every `poll_wait_ms_max`.
 */
async function decideFailover(ctx: AggregatorContext, job: OpenJob, shard: number): Promise<void> {
  const { stream, record } = job;
  if (stream === null || record.generation === undefined) return;
  const completion = completionAt(stream, shard);
  const execution_class = boundClass(completion);
  // Asked again after as long, should nobody have taken it by then.
  const asked_ms = ctx.now();
  completion.waiting_ms = asked_ms;
  ctx.watchBy(asked_ms + LIMITS.stream_class_wait_ms);
  if (execution_class === null) return;
  const need = needOfJob(job);
  const lost = [...shardAt(job.progress.shards, shard).returned.keys()];
  const ignored = [...(need.ignored ?? []), ...lost];
  const seen_within_ms = LIMITS.poll_wait_ms_max + LIMITS.stream_silence_ms_max;
  const fleet = await readFleet(ctx.env, { ...need, execution_class, ignored }, seen_within_ms);
  const isWaiting = completion.waiting_ms === asked_ms && isReady(shardAt(job.progress.shards, shard));
  if (fleet.runners_capable > 0 || !isWaiting || isFinal(job.progress.state)) return;
  switch (record.generation.failover) {
    case "continue":
      completion.isReleased = true;
      // The dispatchers have to hear of those who may take it now.
      job.offered = NO_OFFER;
      settleJob(ctx, job);
      return;
    case "restart":
      recordFact(ctx, job, { kind: "restarted", shards: [shard] });
      job.offered = NO_OFFER;
      settleJob(ctx, job);
      return;
    case "fail": {
      const { positions } = completion.stream;
      const detail = `the machine that had delivered ${positions} tokens of row ${shard} is gone, and no other of ${execution_class} is there`;
      const error = renderProblem(new InfernetError("stream_lost", detail), null);
      recordFact(ctx, job, { kind: "failed", error });
      closeJob(ctx, job);
      return;
    }
    default:
      record.generation.failover satisfies never;
  }
}
