import { renderInstant } from "@infernet/schemas/instant";
import type { LogEvent } from "@infernet/schemas/job-event";
import type { JobFact } from "@infernet/schemas/job-fact";
import type { JobProgress } from "./job-progress.ts";
import { renderProgress } from "./job-view.ts";

/** The event that opens every job's stream, as number 0. */
export function renderQueuedEvent(progress: JobProgress): LogEvent {
  return { ...frame(progress, 0, progress.timestamps.queued ?? 0), type: "job.queued" };
}

/**
 * The public event of one fact.
 *
 * @param after the job's progress with the fact folded in
 */
export function renderEvent(after: JobProgress, fact: JobFact, at_ms: number): LogEvent {
  const event = frame(after, after.seq, at_ms);
  switch (fact.kind) {
    case "leased":
      return {
        ...event,
        type: "shards.leased",
        runner: fact.runner,
        shards: fact.tasks.map((task) => task.shard),
      };
    case "committed": {
      const shards = fact.results.map((result) => result.shard);
      return { ...event, type: "shards.committed", runner: fact.runner, shards, verdicts: fact.verdicts };
    }
    case "drawn": {
      const shards = [...new Set(fact.draws.map((draw) => draw.shard))];
      return { ...event, type: "shards.drawn", shards, verdicts: fact.verdicts };
    }
    case "returned":
      return {
        ...event,
        type: "shards.returned",
        runner: fact.runner,
        shards: fact.shards,
        reason: fact.reason,
      };
    case "restarted":
      return { ...event, type: "shards.restarted", shards: fact.shards };
    case "succeeded":
    case "failed":
    case "canceled":
    case "expired":
    case "upheld":
      return { ...event, type: `job.${fact.kind}` };
    case "contradicted":
      return { ...event, type: "runner.contradicted", runner: fact.runner, shards: [fact.shard] };
    case "key_granted":
      return { ...event, type: "key.granted" };
    case "recalled":
      return { ...event, type: "job.recalled", runner: fact.runner };
    case "revoked":
      return { ...event, type: "result.revoked", shards: fact.shards };
    default:
      return fact satisfies never;
  }
}

function frame(progress: JobProgress, seq: number, at_ms: number): Omit<LogEvent, "type"> {
  return {
    seq,
    at: renderInstant(at_ms),
    job_id: progress.plan.job_id,
    state: progress.state,
    progress: renderProgress(progress),
    runner: null,
    shards: [],
    verdicts: [],
    reason: null,
  };
}
