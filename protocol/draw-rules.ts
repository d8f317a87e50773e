import type { Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { Draw, Roster } from "@infernet/schemas/verification";
import { isNew } from "./credibility.ts";
import { type DrawSubject, drawRunners, drawValue } from "./draw.ts";
import {
  type Answer,
  isFinal,
  isOpen,
  type JobProgress,
  type ShardProgress,
  shardAt,
} from "./job-progress.ts";
import { isExhausted, typicalLatency } from "./lease-rules.ts";
import { listEligible } from "./list-eligible.ts";
import {
  auditsWanted,
  awaitedAudits,
  errorBound,
  isAwaited,
  isDisputed,
  isDrawnOut,
  passedAudits,
  passedBy,
} from "./shard-state.ts";
import { refereeRuns } from "./verdict-rules.ts";

/** A lot that has to be drawn. */
export interface DrawRequest {
  shard: number;
  purpose: Draw["purpose"];
  of: RunnerId | null;
  count: number;
  wanted: number;
}

/** Times a typical shard's latency after which a drawn runner that has not taken its task is passed over. */
const TAKE_LATENCIES = 3;
/** Times that a runner is given the checks of one answer without answering any before it is drawn for it no more. */
const CHANCES = 3;
/** Times that a runner is drawn for one answer: who is only away for a while is gone from the roster by then. */
const CALLS = 12;
/** How much longer a check is waited for when nobody else could make it. */
const PATIENCE = 3;
/** Fresh runs that a disagreement begins with where no referee is trusted. */
const VOTES_FIRST = 2;

/** The auditors that a new answer gets: what the plan says, and one more for a provider that is new. */
export function requestFirstDraw(progress: JobProgress, shard: number, runner: RunnerId): DrawRequest | null {
  const { auditors } = progress.plan.verification;
  if (auditors === 0) return null;
  const count = auditors + (isNew(passedBy(progress, runner)) ? 1 : 0);
  return { shard, purpose: "audit", of: null, count, wanted: auditors };
}

/** The lots that an open job needs now: in the place of checks that fell out, for disagreements, and to end with. */
export function listDrawRequests(progress: JobProgress): DrawRequest[] {
  if (!isOpen(progress)) return [];
  // More is asked of those in doubt only when every shard has what it was to have at least.
  const isComplete = progress.index.unaccepted === 0;
  if (isComplete) {
    if (errorBound(progress) === null) return [];
    return progress.shards.flatMap((shard, index) => requestAudits(progress, index, shard, true));
  }
  return [...progress.index.wanting].flatMap((index) => {
    const shard = shardAt(progress.shards, index);
    return [...requestReferees(progress, index, shard), ...requestAudits(progress, index, shard, false)];
  });
}

function requestReferees(progress: JobProgress, index: number, shard: ShardProgress): DrawRequest[] {
  return shard.checks.filter(isDisputed).flatMap((check) => {
    const awaited = shard.checks.some(
      (run) => run.role === "referee" && run.of === check.runner && isAwaited(run),
    );
    if (awaited) return [];
    const made = refereeRuns(progress, shard, check).length;
    const count = made === 0 ? VOTES_FIRST : 1;
    return [{ shard: index, purpose: "referee" as const, of: check.runner, count, wanted: shard.wanted }];
  });
}

/** @param isComplete whether every shard has what it was to have at least: only then is more asked of those in doubt */
function requestAudits(
  progress: JobProgress,
  index: number,
  shard: ShardProgress,
  isComplete: boolean,
): DrawRequest[] {
  if (shard.answer === null || shard.checks.some(isDisputed)) return [];
  // What could not be drawn for when it was committed is drawn for as if it were now.
  const first = shard.draws.length > 0 ? null : requestFirstDraw(progress, index, shard.answer.runner);
  if (first !== null) return [first];
  const wanted = isComplete ? auditsWanted(progress, shard) : shard.wanted;
  const count = wanted - passedAudits(shard) - awaitedAudits(shard);
  return count > 0 ? [{ shard: index, purpose: "audit", of: null, count, wanted }] : [];
}

/** A check that is waited for too long. */
export interface Untaken {
  shard: number;
  runner: RunnerId;
  /** Whether it is given up even where nobody else could make it. */
  isLost: boolean;
}

/**
 * Checks that somebody else is drawn for in the place of who was: not taken for too long, or taken and not answered for
 * much longer than work on this job takes. Heartbeats alone hold up nothing; a late answer is still welcome.
 */
export function listUntaken(progress: JobProgress, now_ms: number): Untaken[] {
  const { drawn, taken } = progress.index;
  if (drawn.size === 0 && taken.size === 0) return [];
  const usual_ms = TAKE_LATENCIES * typicalLatency(progress);
  const take_ms = Math.max(LIMITS.audit_take_ms, usual_ms);
  const answer_ms = Math.max(LIMITS.lease_ms_default, usual_ms);
  const untaken: Untaken[] = [];
  for (const [runner, shards] of drawn) {
    for (const shard of shards) {
      for (const one of shardAt(progress.shards, shard).checks) {
        const age_ms = now_ms - one.drawn_ms;
        if (one.runner !== runner || one.state !== "drawn" || age_ms <= take_ms) continue;
        untaken.push({ shard, runner, isLost: age_ms > PATIENCE * take_ms });
        break;
      }
    }
  }
  for (const shard of taken) {
    const { checks, leases } = shardAt(progress.shards, shard);
    for (const { runner, lease, state, role } of checks) {
      if (state !== "leased" || (role !== "audit" && role !== "referee")) continue;
      const granted_ms = leases.find(({ id }) => id === lease)?.granted_ms ?? now_ms;
      const age_ms = now_ms - granted_ms;
      if (age_ms > answer_ms) untaken.push({ shard, runner, isLost: age_ms > PATIENCE * answer_ms });
    }
  }
  return untaken;
}

/**
 * Whether an answer that a recall has put in question is computed anew when nobody can be drawn to check it: that of a
 * convict, and one that has fewer audits left than the plan says.
 */
export function isReopenedUndrawn(progress: JobProgress, request: DrawRequest): boolean {
  const shard = shardAt(progress.shards, request.shard);
  if (request.purpose !== "audit" || progress.recall === null || shard.answer === null) return false;
  const reached = passedAudits(shard) + awaitedAudits(shard);
  return progress.convicted.has(shard.answer.runner) || reached < progress.plan.verification.auditors;
}

export interface DrawSource {
  roster: Roster;
  /** What the roster is named by. */
  digest: Sha256;
  epoch: number;
  /** 32 bytes, secret until the epoch is over. Where they are not known, the values as they were told. */
  seed: Uint8Array | ((subject: DrawSubject) => Sha256);
}

/** Draws one lot. Null when nobody may be drawn. @param answer what is to be checked, when it is not folded in yet */
export function makeDraw(
  progress: JobProgress,
  request: DrawRequest,
  source: DrawSource,
  answer: Pick<Answer, "runner" | "root"> | null = shardAt(progress.shards, request.shard).answer,
): Draw | null {
  if (answer === null) return null;
  const shard = shardAt(progress.shards, request.shard);
  // A new answer has no checks and draws yet, whatever the one before it had.
  const isFirst = shard.answer?.root !== answer.root;
  const checks = isFirst ? [] : shard.checks;
  const round = isFirst ? 0 : shard.draws.length;
  const { purpose, of, count, wanted } = request;
  // Who failed on this shard or gave its checks back again and again would be drawn and do so for ever.
  const tried = new Set([
    ...shard.failures.map((failure) => failure.runner),
    ...shard.draws.flatMap((draw) => draw.runners),
  ]);
  const { grants, seq } = progress;
  const hasChances = (id: RunnerId): boolean =>
    !isExhausted(shard, id) &&
    grants.countChecks(id, request.shard, of, shard.answer?.seq ?? seq, seq) < CHANCES &&
    shard.draws.filter(({ runners }) => runners.includes(id)).length < CALLS;
  const eligible = listEligible(progress, checks, answer.runner, purpose, of, source.roster).filter(
    ({ id }) => !tried.has(id) || hasChances(id),
  );
  const fewer = eligible.length === 0 ? settleForFewer(progress, request) : null;
  if (eligible.length === 0 && fewer === null) return null;
  const subject: DrawSubject = {
    job_id: progress.plan.job_id,
    shard: request.shard,
    round,
    purpose,
    of,
    root: answer.root,
  };
  const value = typeof source.seed === "function" ? source.seed(subject) : drawValue(source.seed, subject);
  const isTrusted = eligible.some(({ referee }) => referee);
  const runners = drawRunners(value, eligible, isTrusted ? 1 : count);
  return {
    shard: request.shard,
    round,
    purpose,
    of,
    epoch: source.epoch,
    value,
    roster: source.digest,
    runners,
    // One more for a new provider is wanted only as far as there is somebody to make it.
    wanted: fewer ?? (purpose === "audit" && round === 0 ? Math.max(wanted, runners.length) : wanted),
  };
}

/**
 * The audits that an answer has to do with when nobody is left who could make more: those that it has, if they are as many
 * as the plan says; in a recall without regard to the bound. A lot among nobody says so. Null: it waits for somebody to come.
 */
function settleForFewer(progress: JobProgress, request: DrawRequest): number | null {
  if (request.purpose !== "audit" || isReopenedUndrawn(progress, request)) return null;
  const shard = shardAt(progress.shards, request.shard);
  const reached = passedAudits(shard) + awaitedAudits(shard);
  if (shard.answer === null || reached < progress.plan.verification.auditors) return null;
  const isWaived = isFinal(progress.state) && !isDrawnOut(shard);
  return reached < shard.wanted || isWaived ? reached : null;
}
