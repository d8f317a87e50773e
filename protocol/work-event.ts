import type { RunnerId } from "@infernet/schemas/ids";
import type { ReputationEvent } from "@infernet/schemas/provider";
import type { JobProgress } from "./job-progress.ts";

/** What each provider's reputation ledger learns from a job that ended; the job's id makes a repeat harmless. */
export function renderWorkEvents(progress: JobProgress, at_ms: number): Map<RunnerId, ReputationEvent> {
  const events = new Map<RunnerId, ReputationEvent>();
  for (const [runner, tally] of progress.providers) {
    events.set(runner, {
      kind: "work",
      id: progress.plan.job_id,
      at_ms,
      shards_completed: tally.shards_committed,
      rows_completed: tally.rows_committed,
      shards_failed: tally.shards_failed,
      shards_expired: tally.shards_expired,
      shards_agreed: tally.shards_agreed,
      shards_outvoted: tally.shards_outvoted,
      latency_ms_total: Math.round(tally.latency_ms_total),
      compute_ms_total: Math.round(tally.compute_ms_total),
    });
  }
  return events;
}
