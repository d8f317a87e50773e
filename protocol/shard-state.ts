import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { Zone } from "@infernet/schemas/verification";
import { auditsNeeded, credibility, groupError } from "./credibility.ts";
import { drawRows } from "./draw.ts";
import {
  type Check,
  isFinal,
  type JobPlan,
  type JobProgress,
  type ShardProgress,
  shardRowCount,
} from "./job-progress.ts";

/** What a check says about the answer that it was held against; null before it is answered. */
export function zoneWith(check: Check, runner: RunnerId): Zone | null {
  return check.comparisons.find((comparison) => comparison.with === runner)?.zone ?? null;
}

/** A check that differs from the answer, and of which nobody has said yet who is wrong. */
export const isDisputed = (check: Check): boolean =>
  check.state === "answered" && check.outcome === "pending" && check.role !== "referee";

/** A check that may still be answered. */
export const isAwaited = (check: Check): boolean => check.state === "drawn" || check.state === "leased";

export const passedAudits = (shard: ShardProgress): number => count(shard, isPassedAudit);
export const awaitedAudits = (shard: ShardProgress): number =>
  count(shard, (check) => check.role === "audit" && (isAwaited(check) || isDisputed(check)));

const isPassedAudit = (check: Check): boolean => check.role === "audit" && check.outcome === "passed";

function count(shard: ShardProgress, fits: (check: Check) => boolean): number {
  let found = 0;
  for (const check of shard.checks) if (fits(check)) found += 1;
  return found;
}

/** Whether a shard waits for somebody to compute it. */
export const isReady = (shard: ShardProgress): boolean => shard.answer === null && shard.leases.length === 0;

/** Whether a lot has to be drawn for a shard, because a check fell out or nobody decides a disagreement yet. */
export function lacksChecks(shard: ShardProgress): boolean {
  if (shard.answer === null) return false;
  let isInDispute = false;
  for (const check of shard.checks) {
    if (!isDisputed(check)) continue;
    isInDispute = true;
    if (!shard.checks.some((run) => run.role === "referee" && run.of === check.runner && isAwaited(run)))
      return true;
  }
  return !isInDispute && passedAudits(shard) + awaitedAudits(shard) < shard.wanted;
}

/** Whether a shard has an answer with all the agreeing audits it needs, and no disagreement. */
export const isAccepted = (shard: ShardProgress): boolean =>
  shard.answer !== null && passedAudits(shard) >= shard.wanted && !shard.checks.some(isDisputed);

/** Probability that an answer of this provider is right, by all that is known here and now. */
function credibilityOf(progress: JobProgress, runner: RunnerId): number {
  if (progress.convicted.has(runner)) return 0;
  return credibility(passedBy(progress, runner));
}

/** Checks of a provider's answers that agreed, in its ledger and in this job. */
export const passedBy = (progress: JobProgress, runner: RunnerId): number =>
  (progress.known.get(runner)?.passed ?? 0) + passedInJob(progress, runner);

export const passedInJob = ({ providers }: JobProgress, runner: RunnerId): number =>
  providers.get(runner)?.audits_passed ?? 0;

/** `(1 - Cr) f^r` of a shard: the probability that its answer is wrong and nobody said so; null without an answer. */
export function groupErrorOf(progress: JobProgress, shard: ShardProgress): number | null {
  if (shard.answer === null) return null;
  return groupError(credibilityOf(progress, shard.answer.runner), passedAudits(shard));
}

/** The group error that every shard has to get under; null when the job named none. */
export function errorBound(progress: JobProgress): number | null {
  const { error_max, mode } = progress.plan.verification;
  if (mode === "none") return null;
  return error_max ?? (progress.recall === null ? null : LIMITS.recall_error_max);
}

/** Agreeing audits that a shard needs in all for its group error to be within the bound. */
export function auditsWanted(progress: JobProgress, shard: ShardProgress): number {
  const bound = errorBound(progress);
  if (bound === null || shard.answer === null) return shard.wanted;
  if (isFinal(progress.state) && (!isInQuestion(progress, shard) || isDrawnOut(shard))) return shard.wanted;
  return Math.max(shard.wanted, auditsNeeded(credibilityOf(progress, shard.answer.runner), bound));
}

/** What was delivered by somebody who was not convicted is not in question; what was computed since is. */
const isInQuestion = ({ convicted }: JobProgress, { answer, delivered }: ShardProgress): boolean =>
  answer !== null && (convicted.has(answer.runner) || answer.lease_id !== delivered?.lease_id);

/** Whether the last lot on an answer found nobody who could be drawn. */
export const isDrawnOut = ({ draws }: ShardProgress): boolean => draws.at(-1)?.runners.length === 0;

/** Whether nothing more is to be done for a shard. */
export const isSettled = (progress: JobProgress, shard: ShardProgress): boolean =>
  isAccepted(shard) && passedAudits(shard) >= auditsWanted(progress, shard);

/** The rows of its shard, counted from 0, that a check computes: a referee those of the check that it decides. */
export function rowsOfCheck(
  plan: JobPlan,
  shard: number,
  checks: readonly Check[],
  check: Pick<Check, "runner" | "role" | "of" | "value">,
): number[] {
  const rows = shardRowCount(plan, shard);
  if (check.role === "referee") {
    const decided = checks.find(
      (other) => other.runner === check.of && other.role !== "referee" && other.state === "answered",
    );
    if (decided === undefined) throw new Error(`shard ${shard} has no check of ${check.of}`);
    return rowsOfCheck(plan, shard, checks, decided);
  }
  const all = check.role === "probe" || check.value === null;
  const wanted = all ? rows : plan.verification.audit_rows;
  return drawRows(check.value ?? NO_DRAW, check.runner, rows, wanted);
}

const NO_DRAW = "0".repeat(64) as NonNullable<Check["value"]>;
