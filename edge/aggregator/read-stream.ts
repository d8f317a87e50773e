import { listFacts } from "@infernet/db/aggregator/facts";
import { applyFact } from "@infernet/protocol/apply-fact";
import { createProgress, isFinal, isOpen, shardAt, streamEpoch } from "@infernet/protocol/job-progress";
import { renderJob } from "@infernet/protocol/job-view";
import { gatherTime } from "@infernet/protocol/llm/stream/gather-time";
import { continuedHow } from "@infernet/protocol/llm/stream/shard-stream";
import { InfernetError } from "@infernet/schemas/errors";
import type { AccountId, JobId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { cancelJob } from "./cancel-job.ts";
import type { AggregatorContext } from "./context.ts";
import { describeFinished, type JobStream } from "./job-stream.ts";
import type { OpenJob } from "./open-job.ts";
import { readGenerations } from "./read-generations.ts";
import { findOwnJob, listEvents } from "./read-job.ts";
import { createOutputReader } from "./shard-output.ts";
import { createCursor, isBehind, readOn } from "./stream-cursor.ts";
import type { StreamRecord, StreamStart } from "./stream-records.ts";

/**
 * A job's stream for one reader, a JSON document a line, each a StreamRecord. It is pulled: what a reader has not taken yet
 * stands in the one log that all share. Throws `not_found` and `not_streamed`.
 */
export async function readStream(
  ctx: AggregatorContext,
  account: AccountId,
  id: JobId,
  from: StreamStart,
): Promise<ReadableStream<Uint8Array>> {
  const job = findOwnJob(ctx, account, id);
  const { stream } = job;
  if (stream === null) throw new InfernetError("not_streamed", `${id} was not posted to be streamed`);
  await restoreFinished(ctx, job, stream);
  const next = createReader(ctx, job, stream, from);
  let isLeft = false;
  const leave = (): void => {
    if (isLeft) return;
    isLeft = true;
    stream.readers -= 1;
    ctx.readers.count -= 1;
    next.stop();
    // The last one to go may take the job with it while something is being made; checks go on without readers.
    if (stream.readers > 0 || job.record.generation?.cancel_on_disconnect !== true) return;
    if (stream.completions.every(({ finished }) => finished !== null)) return;
    if (!isFinal(job.progress.state)) cancelJob(ctx, account, id);
  };
  stream.readers += 1;
  ctx.readers.count += 1;
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      const records = await next.read();
      if (isLeft) return;
      controller.enqueue(encodeLines(records));
      if (records.at(-1)?.kind !== "end") return;
      leave();
      controller.close();
      // A byte stream that is asked for bytes when it closes has to say that there are none.
      controller.byobRequest?.respond(0);
    },
    cancel: leave,
  });
}

/** A reader is told that nothing is new after so many beats without news. */
const BEATS_TOLD = Math.round(LIMITS.event_stream_heartbeat_ms / LIMITS.stream_beat_ms);

interface Reader {
  read: () => Promise<StreamRecord[]>;
  stop: () => void;
}

function createReader(ctx: AggregatorContext, job: OpenJob, stream: JobStream, from: StreamStart): Reader {
  const cursor = createCursor(stream, from.positions, listEpochs(ctx, job, stream, from), (shard) => {
    const { answer } = shardAt(job.progress.shards, shard);
    return answer !== null && from.after !== null && answer.seq <= from.after;
  });
  let { after } = from;
  let wake = (): void => {};
  const listen = (): void => wake();
  let beats = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const collect = (): StreamRecord[] => {
    const records = readOn(stream, cursor, LIMITS.parts_per_delta_max);
    // What happened after a token is told after it.
    if (isBehind(stream, cursor)) return records;
    for (const event of after === null ? [] : listEvents(ctx, job, after)) {
      records.push({ kind: "event", event });
      after = event.seq;
    }
    const isThrough = after === null || after >= job.progress.seq;
    const isOver = after === null ? isFinal(job.progress.state) : !isOpen(job.progress);
    if (records.length === 0 && isThrough && isOver)
      records.push({ kind: "end", job: renderJob(job.record, job.progress) });
    return records;
  };
  const pause = (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    timer = setTimeout(resolve, ms);
    return promise;
  };
  let told_ms = 0;
  /** Tokens that come faster than an object with many readers can tell each of them go out together. */
  const gather = async (): Promise<void> => {
    const wait_ms = told_ms + gatherTime(ctx.readers.count) - ctx.now();
    if (wait_ms >= 1) await pause(wait_ms);
  };
  const news = async (): Promise<StreamRecord[]> => {
    await gather();
    const records = collect();
    if (records.length > 0) return records;
    stream.listeners.add(listen);
    await pause(LIMITS.stream_beat_ms);
    clearTimeout(timer);
    stream.listeners.delete(listen);
    return collect();
  };
  const read = async (): Promise<StreamRecord[]> => {
    const records = await news();
    told_ms = ctx.now();
    beats = records.length > 0 ? 0 : beats + 1;
    return beats > 0 && beats % BEATS_TOLD === 0 ? [{ kind: "waiting" }] : records;
  };
  const stop = (): void => {
    clearTimeout(timer);
    stream.listeners.delete(listen);
    wake();
  };
  return { read, stop };
}

/** How often each completion had begun anew when a reader had its last event: what it read before counts for that one. */
function listEpochs(
  ctx: AggregatorContext,
  job: OpenJob,
  stream: JobStream,
  { after }: StreamStart,
): number[] {
  const now = stream.completions.map((completion) => completion.stream.epoch);
  if (after === null || now.every((epoch) => epoch === 0)) return now;
  let progress = createProgress(job.progress.plan, job.record.created_ms);
  for (const { fact, seq, at_ms } of listFacts(ctx.db, job.record.id))
    if (seq <= after) progress = applyFact(progress, fact, seq, at_ms);
  return progress.shards.map(streamEpoch);
}

/** After a restart: how completions that are answered have ended is read from their answers. */
async function restoreFinished(ctx: AggregatorContext, job: OpenJob, stream: JobStream): Promise<void> {
  const readOutput = createOutputReader(ctx, job);
  for (const [shard, completion] of stream.completions.entries()) {
    const { answer } = shardAt(job.progress.shards, shard);
    if (answer === null || completion.finished !== null) continue;
    const [generation] = readGenerations(await readOutput(shard, answer));
    if (generation === undefined || completion.finished !== null) continue;
    const { units = 0, begun = [] } = answer;
    const all = begun.reduce((sum, one) => sum + one.units, units);
    const classes = completion.stream.makers.map(({ execution_class }) => execution_class);
    const continued = begun.length > 0 ? continuedHow([...classes, answer.execution_class]) : null;
    completion.finished = describeFinished(generation, "", all, continued);
  }
}

const encoder = new TextEncoder();

/** An empty line where there is nothing to tell: only in writing is it noticed that a reader has gone. */
const encodeLines = (records: readonly StreamRecord[]): Uint8Array =>
  encoder.encode(records.map((record) => `${JSON.stringify(record)}\n`).join("") || "\n");
