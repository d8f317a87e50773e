import type { RunnerId } from "@infernet/schemas/ids";
import type { Verdict } from "@infernet/schemas/verification";
import { skipCheck } from "./apply-draws.ts";
import { creditCheck } from "./credit-check.ts";
import {
  type Check,
  isFinal,
  type JobProgress,
  type PastAnswer,
  type ShardProgress,
  shardAt,
} from "./job-progress.ts";
import { isAwaited } from "./shard-state.ts";

/** Folds in who was wrong: the loser is ejected, an answer that does not stand goes, and its shard is open again. */
export function applyVerdict(progress: JobProgress, verdict: Verdict): JobProgress {
  const { shard: index, answer, check } = verdict;
  const shards = [...progress.shards];
  const before = shardAt(shards, index);
  // A conviction in the same fact may have taken the answer away already; the record of it stays.
  const stood = before.answer?.runner === answer.runner;
  shards[index] = {
    ...before,
    verdicts: [...before.verdicts, verdict],
    checks: before.checks.map((one) => (one.runner === check.runner ? settleCheck(one, verdict) : one)),
    unresolved: before.unresolved + (verdict.referees.length === 0 ? 1 : 0),
  };
  let next: JobProgress = { ...progress, shards };
  if (stood && answer.ruling !== "stands") next = reopen(next, index, answer.ruling);
  if (answer.ruling === "convicted") next = eject(next, answer.runner);
  if (check.ruling === "convicted") next = eject(next, check.runner);
  return next;
}

function settleCheck(check: Check, { answer, check: ruled }: Verdict): Check {
  if (check.role === "referee" || check.state !== "answered") return check;
  if (ruled.ruling === "convicted") return { ...check, outcome: "failed" };
  const agrees = ruled.ruling === "stands" && answer.ruling === "stands";
  return { ...check, outcome: agrees ? "passed" : "void" };
}

/** Takes a shard's answer away: the shard waits for another one. */
export function reopen(progress: JobProgress, index: number, why: PastAnswer["why"]): JobProgress {
  const shards = [...progress.shards];
  const before = shardAt(shards, index);
  if (before.answer === null) return progress;
  const { answer, checks, draws } = before;
  shards[index] = {
    ...before,
    leases: [],
    answer: null,
    checks: [],
    draws: [],
    wanted: 0,
    past: [...before.past, { answer, checks, draws, why }],
  };
  return { ...progress, shards };
}

/**
 * A provider found wrong: it loses its leases, its checks speak for nobody, and its answers in a job that is not over
 * go back to the queue. What was delivered stays until its own recall says otherwise.
 */
export function eject(progress: JobProgress, runner: RunnerId): JobProgress {
  if (progress.convicted.has(runner)) return progress;
  let next: JobProgress = { ...progress, convicted: new Set(progress.convicted).add(runner) };
  for (const [index, shard] of progress.shards.entries()) {
    next = withoutChecksOf(next, index, runner);
    if (shard.answer?.runner === runner && !isFinal(progress.state)) next = reopen(next, index, "convicted");
  }
  return next;
}

function withoutChecksOf(progress: JobProgress, index: number, runner: RunnerId): JobProgress {
  const shard = shardAt(progress.shards, index);
  const isPresent = (one: { runner: RunnerId }): boolean => one.runner === runner;
  if (!shard.checks.some(isPresent) && !shard.leases.some(isPresent)) return progress;
  let next = progress;
  const checks = shard.checks.map((check): Check => {
    if (check.runner !== runner) return check;
    if (isAwaited(check)) return skipCheck(check);
    if (check.outcome === "passed" && check.answer !== null)
      next = creditCheck(next, shard, runner, check.role, check.answer.rows, -1);
    return check.outcome === "failed" ? check : { ...check, outcome: "void" };
  });
  const leases = shard.leases.filter((lease) => lease.runner !== runner);
  const shards: ShardProgress[] = [...next.shards];
  shards[index] = { ...shard, leases, checks };
  return { ...next, shards };
}
