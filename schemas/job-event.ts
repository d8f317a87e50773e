import { z } from "zod";
import { JobId, RunnerId, ShardIndex } from "./ids.ts";
import { Job, JobState } from "./job.ts";
import { ReturnReason } from "./job-fact.ts";
import { Verdict } from "./verification.ts";

/** One entry of `GET /jobs/:id/events`; `seq` is the SSE event id, so `Last-Event-ID` resumes after it. */
export const JobEvent = z
  .strictObject({
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
      "runner.contradicted",
      "key.granted",
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
  })
  .meta({ id: "JobEvent" });
export type JobEvent = z.infer<typeof JobEvent>;
