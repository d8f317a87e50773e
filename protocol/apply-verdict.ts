import type { RunnerId } from "@infernet/schemas/ids";
import type { Verdict } from "@infernet/schemas/verification";
import { skipCheck } from "./apply-draws.ts";
import { creditCheck } from "./credit-check.ts";
import { changed, type Draft } from "./draft.ts";
import { type Check, isFinal, type JobProgress, type PastAnswer } from "./job-progress.ts";
import { isAwaited } from "./shard-state.ts";

/** Folds in who was wrong: the loser is ejected, an answer that does not stand goes, and its shard is open again. */
export function foldVerdict(draft: Draft, verdict: Verdict): void {
  const { shard: index, answer, check } = verdict;
  const before = draft.shard(index);
  // A conviction in the same fact may have taken the answer away already; the record of it stays.
  const stood = before.answer?.runner === answer.runner;
  draft.setShard(index, {
    ...before,
    verdicts: [...before.verdicts, verdict],
    checks: before.checks.map((one) => (one.runner === check.runner ? settleCheck(one, verdict) : one)),
    unresolved: before.unresolved + (verdict.referees.length === 0 ? 1 : 0),
  });
  if (stood && answer.ruling !== "stands") reopenShard(draft, index, answer.ruling);
  if (answer.ruling === "convicted") eject(draft, answer.runner);
  if (check.ruling === "convicted") eject(draft, check.runner);
}

function settleCheck(check: Check, { answer, check: ruled }: Verdict): Check {
  if (check.role === "referee" || check.state !== "answered") return check;
  if (ruled.ruling === "convicted") return { ...check, outcome: "failed" };
  const agrees = ruled.ruling === "stands" && answer.ruling === "stands";
  return { ...check, outcome: agrees ? "passed" : "void" };
}

/** Takes a shard's answer away: the shard waits for another one. */
export function reopenShard(draft: Draft, index: number, why: PastAnswer["why"]): void {
  const before = draft.shard(index);
  if (before.answer === null) return;
  const { answer, checks, draws } = before;
  draft.setShard(index, {
    ...before,
    leases: [],
    answer: null,
    checks: [],
    draws: [],
    wanted: 0,
    past: [...before.past, { answer, checks, draws, why }],
  });
}

/**
 * A provider found wrong: it loses its leases, its checks speak for nobody, and its answers in a job that is not over
 * go back to the queue. What was delivered stays until its own recall says otherwise.
 */
export function eject(draft: Draft, runner: RunnerId): void {
  const { convicted, state, shards } = draft.now;
  if (convicted.has(runner)) return;
  draft.set({ convicted: new Set(convicted).add(runner) });
  for (const index of shards.keys()) {
    removeChecksOf(draft, index, runner);
    if (draft.shard(index).answer?.runner === runner && !isFinal(state))
      reopenShard(draft, index, "convicted");
  }
}

function removeChecksOf(draft: Draft, index: number, runner: RunnerId): void {
  const shard = draft.shard(index);
  const isPresent = (one: { runner: RunnerId }): boolean => one.runner === runner;
  if (!shard.checks.some(isPresent) && !shard.leases.some(isPresent)) return;
  const checks = shard.checks.map((check): Check => {
    if (check.runner !== runner) return check;
    if (isAwaited(check)) return skipCheck(check);
    if (check.outcome === "passed" && check.answer !== null)
      creditCheck(draft, shard, runner, check.role, check.answer.rows, -1);
    return check.outcome === "failed" ? check : { ...check, outcome: "void" };
  });
  const leases = shard.leases.filter((lease) => lease.runner !== runner);
  draft.setShard(index, { ...shard, leases, checks });
}

/** The progress after a verdict, and after a shard's answer was taken away. */
export const applyVerdict = (progress: JobProgress, verdict: Verdict): JobProgress =>
  changed(progress, (draft) => foldVerdict(draft, verdict));
export const reopen = (progress: JobProgress, index: number, why: PastAnswer["why"]): JobProgress =>
  changed(progress, (draft) => reopenShard(draft, index, why));
