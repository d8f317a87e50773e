import { grantOf, type LeaseId, type RunnerId } from "@infernet/schemas/ids";
import type { Verdict } from "@infernet/schemas/job-fact";
import { isFinal, type JobProgress, shardAt, validCommitments } from "./job-progress.ts";

export type Standing =
  | { kind: "wanted" }
  | { kind: "duplicate"; why: string }
  | { kind: "late"; why: string }
  | { kind: "unknown"; why: string };

/**
 * Where an answer stands: whether this runner was ever given the shard, and whether its answer is still of use. A lost
 * lease alone does not make an answer useless: the work is done, and the shard may still need it.
 */
export function classifyAnswer(
  progress: JobProgress,
  runner: RunnerId,
  lease: LeaseId,
  shard: number,
): Standing {
  const { grant: name, n } = grantOf(lease);
  const grant = progress.grants.get(name);
  if (grant === undefined || grant.runner !== runner || grant.shards[n] !== shard) {
    return { kind: "unknown", why: `${lease} does not give shard ${shard} to ${runner}` };
  }
  const held = shardAt(progress.shards, shard);
  if (held.commitments.some((commitment) => commitment.runner === runner)) {
    return { kind: "duplicate", why: `shard ${shard} has this runner's answer already` };
  }
  if (isFinal(progress.state)) return { kind: "late", why: `the job is ${progress.state}` };
  if (held.accepted !== null) return { kind: "late", why: `shard ${shard} was decided before` };
  if (progress.convicted.has(runner))
    return { kind: "late", why: "a quorum has outvoted this runner in this job" };
  const first = validCommitments(progress, held)[0];
  if (first !== undefined && grant.seq < first.seq) {
    return {
      kind: "late",
      why: `another answer to shard ${shard} came first, and a second one is drawn only after it`,
    };
  }
  return { kind: "wanted" };
}

/**
 * The verdict that one more commitment makes possible: enough different providers say the same. The earliest of them
 * stands; everybody who said otherwise is outvoted. Null while the shard stays open.
 */
export function decideVerdict(
  progress: JobProgress,
  shard: number,
  runner: RunnerId,
  agreesWith: readonly RunnerId[],
): Verdict | null {
  const before = validCommitments(progress, shardAt(progress.shards, shard));
  const agreed = before.map((c) => c.runner).filter((other) => agreesWith.includes(other));
  if (agreed.length + 1 < progress.plan.replicas) return null;
  return {
    shard,
    accepted: agreed[0] ?? runner,
    agreed: [...agreed, runner],
    outvoted: before.map((c) => c.runner).filter((other) => !agreed.includes(other)),
  };
}
