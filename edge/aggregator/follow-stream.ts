import { deleteParts } from "@infernet/db/aggregator/streams";
import { type Answer, isFinal, streamEpoch } from "@infernet/protocol/job-progress";
import { listRest } from "@infernet/protocol/llm/stream/assert-completion";
import { continuedHow } from "@infernet/protocol/llm/stream/shard-stream";
import { LIMITS } from "@infernet/schemas/limits";
import { type Generation, isCompletion } from "@infernet/schemas/llm/generation";
import type { AggregatorContext } from "./context.ts";
import {
  completionAt,
  describeFinished,
  type JobStream,
  type OpenCompletion,
  restartCompletion,
  tellReaders,
} from "./job-stream.ts";
import { keepRest } from "./keep-parts.ts";
import type { OpenJob } from "./open-job.ts";

/**
 * Brings a job's stream in line with its log, after every fact: who lost its lease delivers no more, what was answered is
 * finished, what fell begins anew. Repeating it changes nothing.
 */
export function followStream(ctx: AggregatorContext, job: OpenJob): void {
  const { stream, progress } = job;
  if (stream === null) return;
  if (isFinal(progress.state)) {
    for (const completion of stream.completions) dismiss(ctx, completion);
    tellReaders(stream);
    return;
  }
  for (const [index, shard] of progress.shards.entries()) {
    const completion = completionAt(stream, index);
    if (completion.stream.epoch !== streamEpoch(shard)) restart(ctx, job, stream, index);
    const { answer } = shard;
    if (answer !== null && completion.finished === null) {
      const generation = stream.committing.get(answer.lease_id);
      if (generation !== undefined) finish(ctx, job, completion, index, answer, generation);
      stream.committing.delete(answer.lease_id);
    }
    const { holder, waiting_ms } = completion;
    if (waiting_ms !== null) ctx.watchBy(waiting_ms + LIMITS.stream_class_wait_ms);
    if (holder === null || shard.leases.some(({ id }) => id === holder.lease_id)) continue;
    dismiss(ctx, completion);
    if (answer !== null || completion.stream.positions === 0) continue;
    keepRest(ctx, job, completion, index);
    completion.waiting_ms = ctx.now();
    ctx.watchBy(completion.waiting_ms + LIMITS.stream_class_wait_ms);
  }
  tellReaders(stream);
}

/** Nobody delivers any more; who did is told, if it is there to hear it. */
function dismiss(ctx: AggregatorContext, completion: OpenCompletion): void {
  const { holder } = completion;
  if (holder === null) return;
  completion.holder = null;
  ctx.channels.send(holder.runner, { kept: [], resend: [], ended: [holder.lease_id] });
}

function restart(ctx: AggregatorContext, job: OpenJob, stream: JobStream, index: number): void {
  const completion = completionAt(stream, index);
  const shard = job.progress.shards[index];
  if (shard === undefined) return;
  dismiss(ctx, completion);
  restartCompletion(stream, index, streamEpoch(shard));
  deleteParts(ctx.db, job.record.id, index);
}

/** What was not delivered comes from the answer; with it all positions are kept. */
function finish(
  ctx: AggregatorContext,
  job: OpenJob,
  completion: OpenCompletion,
  index: number,
  { runner, lease_id, execution_class, units = 0, begun = [] }: Answer,
  generation: Generation,
): void {
  const { stream } = completion;
  let rest = "";
  if (isCompletion(generation)) {
    const missing = listRest(generation, stream, lease_id);
    rest = missing.rest;
    stream.append(missing.parts, { runner, lease_id, execution_class });
    keepRest(ctx, job, completion, index);
  }
  const classes = stream.makers.map((maker) => maker.execution_class);
  const isShared = begun.length > 0;
  const all = begun.reduce((sum, one) => sum + one.units, units);
  const continued = isShared ? continuedHow([...classes, execution_class]) : null;
  completion.finished = describeFinished(generation, rest, all, continued);
  completion.waiting_ms = null;
}
