import type { ErrorCode } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import {
  isFinal,
  type JobProgress,
  type ShardFailure,
  type ShardProgress,
  validCommitments,
} from "./job-progress.ts";
import { isExhausted, largestAgreement } from "./lease-rules.ts";

export type JobEnd =
  /** Every shard is accepted: merge and succeed. */
  | { kind: "complete" }
  | { kind: "failed"; code: ErrorCode; detail: string }
  | { kind: "expired"; code: ErrorCode; detail: string };

/** Whether a job is over, and how. Null while there is something to wait for. */
export function decideEnd(progress: JobProgress, now_ms: number, deadline_ms: number): JobEnd | null {
  if (isFinal(progress.state)) return null;
  if (progress.shards.every((shard) => shard.accepted !== null)) return { kind: "complete" };
  for (const [index, shard] of progress.shards.entries()) {
    const lost = shard.accepted === null ? explainLoss(progress, shard, index, now_ms) : null;
    if (lost !== null) return lost;
  }
  if (now_ms < deadline_ms) return null;
  return { kind: "expired", code: "deadline_exceeded", detail: explainExpiry(progress) };
}

function explainLoss(
  progress: JobProgress,
  shard: ShardProgress,
  index: number,
  now_ms: number,
): JobEnd | null {
  const failures = shard.failures.filter(({ runner }) => !progress.convicted.has(runner));
  const last = failures.at(-1);
  if (last !== undefined && isHopeless(progress, shard, failures, now_ms)) {
    const runners = new Set(failures.map((failure) => failure.runner)).size;
    return {
      kind: "failed",
      code: "shard_failed",
      detail: `shard ${index} failed ${failures.length} times on ${runners} runner(s), last with ${last.code}: ${last.detail}`,
    };
  }
  const answers = validCommitments(progress, shard).length;
  if (answers > 2 * progress.plan.replicas && largestAgreement(progress, shard) < progress.plan.replicas) {
    const rule = `${progress.plan.replicas} were to agree`;
    return {
      kind: "failed",
      code: "no_agreement",
      detail: `shard ${index} has ${answers} answers, and ${rule}`,
    };
  }
  return null;
}

/**
 * The same permanent fault on two machines is the job's own, and so is any fault on as many machines as the limit says.
 * One machine that fails that often on a shard ends the job only when none that could try has shown up of late.
 */
function isHopeless(
  progress: JobProgress,
  shard: ShardProgress,
  failures: readonly ShardFailure[],
  now_ms: number,
): boolean {
  const last = failures.at(-1);
  const isRepeated = failures.some(
    (failure) => failure.code === last?.code && failure.runner !== last.runner && isPermanent(failure),
  );
  const runners = new Set(failures.map((failure) => failure.runner));
  if (isRepeated || runners.size >= LIMITS.shard_failures_max) return true;
  return [...runners].some((runner) => isExhausted(shard, runner)) && !hasOthers(progress, shard, now_ms);
}

/** Whether a machine that holds shards of the job, or got some of late, may still answer to this one. */
function hasOthers(progress: JobProgress, shard: ShardProgress, now_ms: number): boolean {
  const holders = progress.shards.flatMap(({ leases }) => leases.map((lease) => lease.runner));
  const recent = [...progress.grants.values()].filter(
    (grant) => now_ms - grant.at_ms < LIMITS.runner_unseen_ms_max,
  );
  return [...holders, ...recent.map((grant) => grant.runner)].some(
    (runner) =>
      !progress.convicted.has(runner) &&
      !isExhausted(shard, runner) &&
      !shard.commitments.some((commitment) => commitment.runner === runner),
  );
}

const isPermanent = ({ code }: ShardFailure): boolean =>
  code === "model_unloadable" ||
  code === "input_mismatch" ||
  code === "output_mismatch" ||
  code === "engine_error";

function explainExpiry(progress: JobProgress): string {
  const accepted = progress.shards.filter((shard) => shard.accepted !== null).length;
  const answered = progress.shards.filter((shard) => shard.commitments.length > 0).length;
  const failures = progress.shards.flatMap((shard) => shard.failures);
  const failure = failures.toSorted((a, b) => a.at_ms - b.at_ms).at(-1);
  const parts = [
    `${accepted} of ${progress.plan.shards} shards were accepted and ${answered} had an answer at the deadline`,
  ];
  if (progress.state === "queued") parts.push("no runner took any: none that fits was free");
  else if (progress.plan.replicas > 1 && answered > accepted) {
    parts.push(`a shard needs ${progress.plan.replicas} different providers that agree`);
  }
  if (failure !== undefined) parts.push(`the last failure was ${failure.code}: ${failure.detail}`);
  return parts.join("; ");
}
