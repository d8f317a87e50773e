import { grantOf, type LeaseId, type RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import type { Grant } from "./grant-log.ts";
import {
  type Answer,
  type Check,
  isFinal,
  isOpen,
  type JobProgress,
  type ShardProgress,
  shardAt,
} from "./job-progress.ts";

export type Standing =
  | { kind: "wanted"; task: Task }
  | { kind: "duplicate"; why: string }
  | { kind: "late"; why: string }
  | { kind: "unknown"; why: string };

/**
 * Where an answer stands: whether this runner was ever given the task, and whether its answer is still of use. A lost
 * lease alone does not make an answer useless: the work is done, and the shard may still need it.
 */
export function classifyAnswer(
  progress: JobProgress,
  runner: RunnerId,
  lease: LeaseId,
  shard: number,
): Standing {
  const { grant: name, n } = grantOf(lease);
  const grant = progress.grants.find(name, progress.seq);
  const task = grant?.tasks[n];
  if (grant === undefined || task === undefined || grant.runner !== runner || task.shard !== shard) {
    return { kind: "unknown", why: `${lease} does not give shard ${shard} to ${runner}` };
  }
  const held = shardAt(progress.shards, shard);
  if (answerUnder(held, lease) !== null) {
    return { kind: "duplicate", why: `shard ${shard} has this runner's answer already` };
  }
  if (!isOpen(progress)) return { kind: "late", why: `the job is ${progress.state}` };
  if (progress.convicted.has(runner)) return { kind: "late", why: "this runner was found wrong in this job" };
  const late =
    task.role === "compute"
      ? lateAnswer(progress, held, runner, shard)
      : lateCheck(progress, held, grant, lease);
  return late === null ? { kind: "wanted", task } : { kind: "late", why: late };
}

/** What was handed in under a lease, as an answer or as a check, whether it stands or not; null when nothing was. */
export function answerUnder({ answer, checks, past }: ShardProgress, lease: LeaseId): Answer | null {
  for (const handedIn of [{ answer, checks }, ...past]) {
    if (handedIn.answer?.lease_id === lease) return handedIn.answer;
    for (const check of handedIn.checks) if (check.answer?.lease_id === lease) return check.answer;
  }
  return null;
}

function lateAnswer(
  progress: JobProgress,
  shard: ShardProgress,
  runner: RunnerId,
  index: number,
): string | null {
  if (shard.answer !== null) return `another answer to shard ${index} came first`;
  if (shard.past.some(({ answer }) => answer.runner === runner))
    return `an answer of this runner to shard ${index} was set aside`;
  return isFinal(progress.state) && shard.delivered === null ? `the job is ${progress.state}` : null;
}

/**
 * A check says nothing about an answer that came after it was given out, or that is gone; nor under an earlier lease,
 * for a runner that was drawn again has other rows to check.
 */
function lateCheck(progress: JobProgress, shard: ShardProgress, grant: Grant, lease: LeaseId): string | null {
  const check = shard.checks.find((one) => one.lease === lease && one.state !== "answered");
  if (shard.answer === null || check === undefined || grant.seq < shard.answer.seq)
    return "what it was to check is decided";
  if (check.state === "skipped" && isCrowded(progress, shard, check))
    return "another runner of its group was drawn in its place";
  return null;
}

/** Whether a runner that was passed over shares a group with somebody who has a part in the shard by now. */
function isCrowded({ known }: JobProgress, shard: ShardProgress, { runner }: Check): boolean {
  const groupsOf = (id: RunnerId): readonly string[] => known.get(id)?.groups ?? [];
  const own = groupsOf(runner);
  return (
    own.length > 0 &&
    shard.checks.some(
      (other) =>
        other.runner !== runner &&
        other.state !== "skipped" &&
        groupsOf(other.runner).some((group) => own.includes(group)),
    )
  );
}
