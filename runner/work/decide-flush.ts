import type { JobId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { ShardResult } from "@infernet/schemas/runner";

/** A result that is not on its way yet. */
export interface WaitingResult {
  result: Pick<ShardResult, "job_id" | "outcome">;
  /** Tensors that travel in the submission itself. */
  inline_bytes: number;
  /** On the same clock as `now_ms`. */
  finished_ms: number;
  /** What its lease had left when it was finished. */
  lease_left_ms: number;
}

export interface FlushSituation {
  waiting: readonly WaitingResult[];
  /** Jobs of which this runner holds shards that are not computed yet. */
  jobs_at_work: ReadonlySet<JobId>;
  isDraining: boolean;
  now_ms: number;
}

/**
 * In how many milliseconds to send the results that wait: 0 for at once, infinity for none. A submission costs the edge
 * a request, and a row for each job in it, so a result waits for others of its job; but only while this runner works on
 * such others, for a fraction of a second, and never so long that leases run out or are used up.
 */
export function decideFlush({ waiting, jobs_at_work, isDraining, now_ms }: FlushSituation): number {
  const isFull =
    waiting.length >= LIMITS.leases_per_runner_max / 2 ||
    waiting.reduce((sum, { inline_bytes }) => sum + inline_bytes, 0) >= LIMITS.inline_output_bytes_max;
  const isUrgent = ({ result }: WaitingResult): boolean =>
    result.outcome !== "done" || !jobs_at_work.has(result.job_id);
  if (waiting.length > 0 && (isDraining || isFull || waiting.some(isUrgent))) return 0;
  return Math.max(0, Math.min(...waiting.map(sendBy_ms)) - now_ms);
}

function sendBy_ms({ finished_ms, lease_left_ms }: WaitingResult): number {
  return finished_ms + Math.min(LIMITS.submission_linger_ms, lease_left_ms / 4);
}
