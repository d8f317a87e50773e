import type { Job } from "@infernet/schemas/job";
import type { JobRecord } from "@infernet/schemas/job-record";
import { stealthBound } from "./credibility.ts";
import type { JobProgress } from "./job-progress.ts";
import { groupErrorOf } from "./shard-state.ts";

/** What was asked of the checks, and what they have reached. */
export function renderVerification(
  { verification, plan }: Pick<JobRecord, "verification" | "plan">,
  progress: JobProgress,
): Omit<Job["verification"], "unavailable"> {
  const audits = progress.shards.flatMap(({ checks }) =>
    checks.filter(({ role, outcome }) => role === "audit" && outcome === "passed"),
  );
  const rows_audited = audits.reduce((sum, { answer }) => sum + (answer?.rows ?? 0), 0);
  const { recall } = progress;
  return {
    asked: verification,
    plan,
    reached: {
      audits_passed: audits.length,
      rows_audited,
      disputes: progress.shards.reduce((sum, { verdicts }) => sum + verdicts.length, 0),
      group_error_max: largestError(progress),
      stealth_bound: leastAudited(progress),
    },
    recall: recall && {
      state: recall.state,
      shards_revoked: recall.shards.length,
      refund_micro: recall.refund_micro,
    },
  };
}

function largestError(progress: JobProgress): number | null {
  let largest = 0;
  for (const shard of progress.shards) {
    const error = groupErrorOf(progress, shard);
    if (error === null) return null;
    largest = Math.max(largest, error);
  }
  return largest;
}

/** The bound of the provider with an answer that stands of whose rows the fewest were checked. */
function leastAudited(progress: JobProgress): number | null {
  const makers = new Set(progress.shards.flatMap(({ answer }) => (answer === null ? [] : [answer.runner])));
  const audited = [...makers].map((maker) => progress.providers.get(maker)?.rows_audited ?? 0);
  return audited.length === 0 ? null : stealthBound(Math.min(...audited));
}
