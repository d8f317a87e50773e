import type { ErrorCode } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import { isFinal, type JobProgress, type ShardFailure, type ShardProgress } from "./job-progress.ts";
import { isExhausted } from "./lease-rules.ts";
import { isSettled } from "./shard-state.ts";

export type JobEnd =
  /** Every shard has an answer that is checked enough: merge and succeed. */
  | { kind: "complete" }
  /** Everything that a recall called into question has been checked again; these shards were wrong. */
  | { kind: "recall_over"; shards: number[] }
  | { kind: "failed"; code: ErrorCode; detail: string }
  | { kind: "expired"; code: ErrorCode; detail: string };

/** Whether a job is over, and how. Null while there is something to wait for. */
export function decideEnd(progress: JobProgress, now_ms: number, deadline_ms: number): JobEnd | null {
  if (isFinal(progress.state)) return decideRecallEnd(progress);
  if (progress.index.unaccepted === 0 && progress.shards.every((shard) => isSettled(progress, shard)))
    return { kind: "complete" };
  for (const [index, shard] of progress.shards.entries()) {
    if (progress.index.unanswered === 0) break;
    // A check that fails says nothing about the job while there is an answer: another one is drawn.
    const lost = shard.answer !== null ? null : explainLoss(progress, shard, index, now_ms);
    if (lost !== null) return lost;
  }
  if (now_ms < deadline_ms) return null;
  return { kind: "expired", code: "deadline_exceeded", detail: explainExpiry(progress) };
}

/** Null while a recall is going on, or when there is none. */
function decideRecallEnd(progress: JobProgress): JobEnd | null {
  if (progress.recall?.state !== "checking") return null;
  if (progress.index.unaccepted > 0 || !progress.shards.every((shard) => isSettled(progress, shard)))
    return null;
  const shards = progress.shards.flatMap((shard, index) => (shard.differs ? [index] : []));
  return { kind: "recall_over", shards };
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
  if (shard.unresolved >= LIMITS.disputes_unresolved_max) {
    return {
      kind: "failed",
      code: "no_agreement",
      detail: `shard ${index} was computed ${shard.unresolved} times, and nobody could tell which answer is right`,
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
  const recent = [...progress.grants.list(progress.seq)].filter(
    (grant) => now_ms - grant.at_ms < LIMITS.runner_unseen_ms_max,
  );
  return [...holders, ...recent.map((grant) => grant.runner)].some(
    (runner) =>
      !progress.convicted.has(runner) &&
      !isExhausted(shard, runner) &&
      !shard.past.some(({ answer }) => answer.runner === runner),
  );
}

const isPermanent = ({ code }: ShardFailure): boolean =>
  code === "model_unloadable" ||
  code === "input_mismatch" ||
  code === "output_mismatch" ||
  code === "engine_error";

function explainExpiry(progress: JobProgress): string {
  const accepted = progress.shards.filter((shard) => isSettled(progress, shard)).length;
  const answered = progress.shards.filter((shard) => shard.answer !== null).length;
  const failures = progress.shards.flatMap((shard) => shard.failures);
  const failure = failures.toSorted((a, b) => a.at_ms - b.at_ms).at(-1);
  const parts = [
    `${accepted} of ${progress.plan.shards} shards were accepted and ${answered} had an answer at the deadline`,
  ];
  if (progress.state === "queued") parts.push("no runner took any: none that fits was free");
  else if (answered > accepted) parts.push(explainUnchecked(progress));
  if (failure !== undefined) parts.push(`the last failure was ${failure.code}: ${failure.detail}`);
  return parts.join("; ");
}

function explainUnchecked(progress: JobProgress): string {
  const { auditors, error_max } = progress.plan.verification;
  const promise = error_max === null ? "" : ` and a group error of at most ${error_max}`;
  return `an answer needs ${auditors} other provider(s) that agree${promise}, no two of one owner or network`;
}
