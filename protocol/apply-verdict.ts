import type { RunnerId } from "@infernet/schemas/ids";
import type { Verdict } from "@infernet/schemas/verification";
import { skipCheck } from "./apply-draws.ts";
import { creditCheck } from "./credit-check.ts";
import { changed, type Draft } from "./draft.ts";
import {
  type Check,
  isFinal,
  type JobProgress,
  type PastAnswer,
  type ShardProgress,
} from "./job-progress.ts";
import { isAwaited, isDisputed } from "./shard-state.ts";

/** Folds in who was wrong: the loser is ejected, an answer that does not stand goes, and its shard is open again. */
export function foldVerdict(draft: Draft, verdict: Verdict): void {
  const { shard: index, answer, check } = verdict;
  const before = draft.shard(index);
  // A conviction in the same fact may have taken the answer away already; the record of it stays.
  const stood = before.answer?.runner === answer.runner;
  const checks = before.checks.map((one) => settleCheck(one, verdict));
  draft.setShard(index, {
    ...before,
    verdicts: [...before.verdicts, verdict],
    checks,
    unresolved: before.unresolved + (verdict.referees.length === 0 ? 1 : 0),
  });
  for (const [n, { outcome, runner, role, answer }] of checks.entries()) {
    if (outcome === "passed" && before.checks[n]?.outcome !== "passed" && answer !== null)
      creditCheck(draft, before, runner, role, answer.rows, 1);
  }
  if (stood && answer.ruling !== "stands") reopenShard(draft, index, answer.ruling);
  if (answer.ruling === "convicted") eject(draft, answer.runner);
  if (check.ruling === "convicted") eject(draft, check.runner);
}

function settleCheck(check: Check, { answer, check: ruled }: Verdict): Check {
  // Whoever was to decide it and has not begun need not.
  if (check.role === "referee" && check.of === ruled.runner && check.state === "drawn")
    return skipCheck(check);
  if (check.runner !== ruled.runner || !isDisputed(check)) return check;
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
    removePastChecksOf(draft, index, runner);
    if (draft.shard(index).answer?.runner === runner && !isFinal(state))
      reopenShard(draft, index, "convicted");
  }
}

function removeChecksOf(draft: Draft, index: number, runner: RunnerId): void {
  const shard = draft.shard(index);
  const isPresent = (one: { runner: RunnerId }): boolean => one.runner === runner;
  if (!shard.checks.some(isPresent) && !shard.leases.some(isPresent)) return;
  const checks = shard.checks.map((check): Check => {
    // What it disputed is in dispute no more.
    if (check.of === runner && check.state === "drawn") return skipCheck(check);
    if (check.runner !== runner) return check;
    return isAwaited(check) ? skipCheck(check) : voidCheck(draft, shard, check);
  });
  const leases = shard.leases.filter((lease) => lease.runner !== runner);
  draft.setShard(index, { ...shard, leases, checks });
}

function removePastChecksOf(draft: Draft, index: number, runner: RunnerId): void {
  const shard = draft.shard(index);
  const isCounted = (check: Check): boolean => check.runner === runner && check.outcome === "passed";
  if (!shard.past.some(({ checks }) => checks.some(isCounted))) return;
  const past = shard.past.map((fallen) => {
    const checks = fallen.checks.map((check) => (isCounted(check) ? voidCheck(draft, fallen, check) : check));
    return { ...fallen, checks };
  });
  draft.setShard(index, { ...shard, past });
}

/** A check that says nothing any more; the credit that it gave is taken back. */
function voidCheck(draft: Draft, of: Pick<ShardProgress, "answer">, check: Check): Check {
  const { outcome, answer, runner, role } = check;
  if (outcome === "passed" && answer !== null) creditCheck(draft, of, runner, role, answer.rows, -1);
  return outcome === "failed" ? check : { ...check, outcome: "void" };
}

/** The progress after a verdict, and after a shard's answer was taken away. */
export const applyVerdict = (progress: JobProgress, verdict: Verdict): JobProgress =>
  changed(progress, (draft) => foldVerdict(draft, verdict));
export const reopen = (progress: JobProgress, index: number, why: PastAnswer["why"]): JobProgress =>
  changed(progress, (draft) => reopenShard(draft, index, why));
