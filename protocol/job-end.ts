import type { ErrorCode } from "@infernet/schemas/errors";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { isFinal, type JobProgress, type ShardFailure, type ShardProgress } from "./job-progress.ts";
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
  const isUnbegun = progress.index.unanswered === progress.plan.shards;
  const fault = isUnbegun ? explainFault(progress, now_ms) : null;
  if (fault !== null) return fault;
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

/** Why a shard without an answer will not get one; null while it may. */
function explainLoss(
  progress: JobProgress,
  shard: ShardProgress,
  index: number,
  now_ms: number,
): JobEnd | null {
  if (shard.failures.length > 0) {
    const failures = listTelling(progress, shard.failures);
    const isTooMany = countIndependent(progress, failures) >= MACHINES_FAILED_MAX;
    if (isTooMany || isHopeless(progress, failures, shard.past, now_ms))
      return explainFailures(`shard ${index}`, failures);
  }
  if (shard.unresolved >= LIMITS.disputes_unresolved_max) {
    return {
      kind: "failed",
      code: "no_agreement",
      detail: `shard ${index} was computed ${shard.unresolved} times, and nobody could tell which answer is right${explainSealed(progress)}`,
    };
  }
  return null;
}

/** Why a job of which nothing has been computed never will be: whatever fails on all its shards need not fail on each. */
function explainFault(progress: JobProgress, now_ms: number): JobEnd | null {
  const all = listTelling(
    progress,
    progress.shards.flatMap(({ failures }) => failures),
  ).filter(({ code }) => isPermanent(code));
  return isHopeless(progress, all, [], now_ms) ? explainFailures("every shard that was tried", all) : null;
}

function explainFailures(what: string, failures: readonly ShardFailure[]): JobEnd {
  const last = failures.at(-1);
  const runners = new Set(failures.map(({ runner }) => runner)).size;
  const detail = `${what} failed ${failures.length} times on ${runners} runner(s), last with ${last?.code}: ${last?.detail}`;
  return { kind: "failed", code: "shard_failed", detail };
}

/** Failures that may say something about the job: a refused output says it of its maker, and the convicted say nothing. */
const listTelling = (
  { convicted }: JobProgress,
  failures: readonly ShardFailure[],
): readonly ShardFailure[] =>
  failures.filter(({ runner, code }) => code !== "output_refused" && !convicted.has(runner));

/**
 * A failure is a claim, and who makes it loses nothing. So many independent machines that fail on one shard cannot all be
 * liars: 0.3^8 is one in 15,000.
 */
const MACHINES_FAILED_MAX = 8;

/** Whether two machines report what will recur anywhere, or one has failed too often, and nobody else is there to try. */
function isHopeless(
  progress: JobProgress,
  failures: readonly ShardFailure[],
  past: ShardProgress["past"],
  now_ms: number,
): boolean {
  const counts = new Map<RunnerId, number>();
  for (const { runner } of failures) counts.set(runner, (counts.get(runner) ?? 0) + 1);
  const isSpent = (runner: RunnerId): boolean => (counts.get(runner) ?? 0) >= LIMITS.shard_failures_max;
  if (!isToldTwice(progress, failures) && ![...counts.keys()].some(isSpent)) return false;
  const mayTry = (runner: RunnerId): boolean =>
    !progress.convicted.has(runner) &&
    !isSpent(runner) &&
    !failures.some((failure) => failure.runner === runner && isPermanent(failure.code)) &&
    !past.some(({ answer }) => answer.runner === runner);
  return !listPresent(progress, now_ms).some(mayTry);
}

/** Machines that hold shards of the job, or got some of late; listed once for as many shards as ask. */
function listPresent(progress: JobProgress, now_ms: number): readonly RunnerId[] {
  const { seq } = progress;
  const known = listed.get(progress.grants);
  if (known !== undefined && known.seq === seq && known.now_ms === now_ms) return known.present;
  const present = new Set<RunnerId>();
  for (const { leases } of progress.shards) for (const { runner } of leases) present.add(runner);
  for (const { runner, at_ms } of progress.grants.list(seq))
    if (now_ms - at_ms < LIMITS.runner_unseen_ms_max) present.add(runner);
  listed.set(progress.grants, { seq, now_ms, present: [...present] });
  return [...present];
}

const listed = new WeakMap<
  JobProgress["grants"],
  { seq: number; now_ms: number; present: readonly RunnerId[] }
>();

/** Whether two machines report the same fault that will recur anywhere. */
const isToldTwice = (progress: JobProgress, failures: readonly ShardFailure[]): boolean =>
  failures.some(({ code }) => {
    const same = failures.filter((other) => other.code === code);
    return isPermanent(code) && countIndependent(progress, same) >= 2;
  });

/** Machines among those that failed; those of one group are one. */
function countIndependent({ known }: JobProgress, failures: readonly ShardFailure[]): number {
  const groups = new Set<string>();
  let count = 0;
  for (const runner of new Set(failures.map((failure) => failure.runner))) {
    const own = known.get(runner)?.groups ?? [];
    if (!own.some((group) => groups.has(group))) count += 1;
    for (const group of own) groups.add(group);
  }
  return count;
}

const isPermanent = (code: ShardFailure["code"]): boolean =>
  code === "model_unloadable" ||
  code === "input_mismatch" ||
  code === "output_mismatch" ||
  code === "engine_error" ||
  code === "fuel_exhausted" ||
  code === "sandbox_violation";

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
  return `an answer needs ${auditors} other provider(s) that agree${promise}, no two of one owner or network${explainSealed(progress)}`;
}

/** What nobody can make good for who cannot open the rows. */
const explainSealed = ({ keys, shards }: JobProgress): string =>
  keys !== null && shards.some(isUnclear)
    ? "; the rows are sealed, so that answers agree only where their bytes are equal, which machines need not give for models of floats"
    : "";

const isUnclear = ({ checks, past }: ShardProgress): boolean =>
  [checks, ...past.map((fallen) => fallen.checks)]
    .flat()
    .some(({ comparisons }) => comparisons.some(({ zone }) => zone === "unclear"));
