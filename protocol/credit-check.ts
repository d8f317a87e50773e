import type { RunnerId } from "@infernet/schemas/ids";
import type { TaskRole } from "@infernet/schemas/verification";
import type { JobProgress, ShardProgress } from "./job-progress.ts";
import { bump } from "./provider-tally.ts";

/**
 * A check that agreed speaks for whoever was tested by it: an audit for the answer's maker, a probe or a plant for the
 * one that got it. `sign` -1 takes it back.
 */
export function creditCheck(
  progress: JobProgress,
  shard: ShardProgress,
  checker: RunnerId,
  role: TaskRole,
  rows: number,
  sign: 1 | -1,
): JobProgress {
  const tested = role === "audit" ? shard.answer?.runner : checker;
  if (tested === undefined) return progress;
  return bump(progress, tested, { audits_passed: sign, rows_audited: sign * rows });
}
