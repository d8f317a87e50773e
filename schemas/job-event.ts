import { z } from "zod";
import { JobId, RunnerId, ShardIndex } from "./ids.ts";
import { Job, JobState } from "./job.ts";
import { ReturnReason } from "./job-fact.ts";
import { FinishReason, TokenPart, TokenUsage } from "./llm/generation.ts";
import { Verdict } from "./verification.ts";

/** One entry of a job's events that its log tells. */
export const LogEvent = z.strictObject({
  seq: z.int().min(0),
  at: z.iso.datetime(),
  job_id: JobId,
  /** The job's state after this event. */
  state: JobState,
  progress: Job.shape.progress,
  type: z.enum([
    "job.queued",
    "shards.leased",
    "shards.committed",
    "shards.drawn",
    "shards.returned",
    "shards.restarted",
    "runner.contradicted",
    "key.granted",
    "tokens",
    "completion.finished",
    "job.succeeded",
    "job.failed",
    "job.canceled",
    "job.expired",
    "job.recalled",
    "job.upheld",
    "result.revoked",
  ]),
  runner: RunnerId.nullable(),
  shards: z.array(ShardIndex),
  verdicts: z.array(Verdict),
  reason: ReturnReason.nullable(),
});
export type LogEvent = z.infer<typeof LogEvent>;

/**
 * One entry of `GET /jobs/:id/events`; `seq` is the SSE event id, so `Last-Event-ID` resumes after it. Of a job whose tokens
 * are streamed the id goes on with the positions delivered of each shard, as in `4.17-20`.
 */
export const JobEvent = LogEvent.extend({
  /** Only in events of the type `tokens`: new positions of one shard's completion, which follow on those before. */
  tokens: z
    .strictObject({ shard: ShardIndex, start: z.int().min(0), parts: z.array(TokenPart).min(1) })
    .optional(),
  /** Only in events of the type `completion.finished`: how the completion of one shard has ended. */
  finished: z
    .strictObject({
      shard: ShardIndex,
      /** Null where the request came to an error, which the result tells. */
      finish_reason: FinishReason.nullable(),
      usage: TokenUsage.nullable(),
      /** How it was gone on with after its maker was lost; null where one machine made all of it. */
      continued: z.enum(["exact", "best_effort"]).nullable(),
    })
    .optional(),
}).meta({ id: "JobEvent" });
export type JobEvent = z.infer<typeof JobEvent>;
