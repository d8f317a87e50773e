import { formatLeaseId, partitionOf } from "@infernet/schemas/ids";
import type { JobState } from "@infernet/schemas/job";
import type { DrawnFact, JobFact, LeasedFact, ReturnedFact } from "@infernet/schemas/job-fact";
import { applyCommitted } from "./apply-committed.ts";
import { applyDraws, applyRosters, skipCheck } from "./apply-draws.ts";
import { applyVerdict, eject, reopen } from "./apply-verdict.ts";
import {
  type HeldLease,
  isFinal,
  isOpen,
  type JobProgress,
  type ShardProgress,
  shardAt,
} from "./job-progress.ts";
import { bump } from "./provider-tally.ts";

/**
 * Folds one fact into a job's progress. Facts come in order, and a job that is over takes none but those of a recall:
 * anything else is a defect of the caller, told as an Error that names the state.
 */
export function applyFact(progress: JobProgress, fact: JobFact, seq: number, at_ms: number): JobProgress {
  if (seq !== progress.seq + 1) throw new Error(`fact ${seq} cannot follow fact ${progress.seq}`);
  if (!takes(progress, fact)) throw new Error(`a job that is ${progress.state} takes no fact "${fact.kind}"`);
  const next = { ...progress, seq };
  switch (fact.kind) {
    case "leased":
      return enter(applyLeased(next, fact, seq, at_ms), "running", at_ms);
    case "committed": {
      const committed = applyCommitted(next, fact, seq, at_ms);
      return committed.shards.every((shard) => shard.answer !== null)
        ? enter(committed, "verifying", at_ms)
        : committed;
    }
    case "drawn":
      return applyDrawn(next, fact, at_ms);
    case "returned":
      return applyReturned(next, fact, at_ms);
    case "succeeded":
      return { ...deliver(end(next, "succeeded", at_ms)), result: fact.result };
    case "failed":
      return { ...end(next, "failed", at_ms), error: fact.error };
    case "canceled":
      return end(next, "canceled", at_ms);
    case "expired":
      return { ...end(next, "expired", at_ms), error: fact.error };
    case "recalled": {
      const { shards = [], refund_micro = "0" } = progress.recall ?? {};
      const recall = { state: "checking" as const, shards, refund_micro, since_ms: at_ms };
      return eject({ ...next, recall }, fact.runner);
    }
    case "upheld":
    case "revoked":
      return endRecall(next, fact);
    default:
      return fact satisfies never;
  }
}

function takes(progress: JobProgress, fact: JobFact): boolean {
  switch (fact.kind) {
    case "recalled":
      return progress.state === "succeeded";
    case "upheld":
    case "revoked":
      return progress.recall?.state === "checking";
    case "succeeded":
    case "failed":
    case "canceled":
    case "expired":
      return !isFinal(progress.state);
    default:
      return isOpen(progress);
  }
}

const ORDER: Readonly<Record<JobState, number>> = {
  queued: 0,
  running: 1,
  verifying: 2,
  succeeded: 3,
  failed: 3,
  canceled: 3,
  expired: 3,
};

/** States only move forward; entering an earlier one changes nothing. */
function enter(progress: JobProgress, state: JobState, at_ms: number): JobProgress {
  if (ORDER[state] <= ORDER[progress.state]) return progress;
  return { ...progress, state, timestamps: { ...progress.timestamps, [state]: at_ms } };
}

/** With the job end its leases. */
function end(progress: JobProgress, state: JobState, at_ms: number): JobProgress {
  return enter({ ...progress, shards: progress.shards.map(withoutWork) }, state, at_ms);
}

/** A shard that nobody works on any more. */
function withoutWork(shard: ShardProgress): ShardProgress {
  if (shard.leases.length === 0 && !shard.checks.some(({ state }) => state === "drawn" || state === "leased"))
    return shard;
  return { ...shard, leases: [], checks: shard.checks.map(skipCheck) };
}

const deliver = (progress: JobProgress): JobProgress => ({
  ...progress,
  shards: progress.shards.map((shard) => ({ ...shard, delivered: shard.answer, differs: false })),
});

function endRecall(
  progress: JobProgress,
  fact: Extract<JobFact, { kind: "upheld" | "revoked" }>,
): JobProgress {
  const before = progress.recall;
  if (before === null) return progress;
  const shards = progress.shards.map(withoutWork);
  const over = deliver({ ...progress, shards });
  if (fact.kind === "upheld") {
    // A result that was corrected once stays so, whatever a later recall finds right.
    const state = before.shards.length > 0 ? "revoked" : "upheld";
    return { ...over, recall: { ...before, state } };
  }
  const refund_micro = (BigInt(before.refund_micro) + BigInt(fact.refund_micro)).toString();
  const revoked = [...new Set([...before.shards, ...fact.shards])].sort((a, b) => a - b);
  return {
    ...over,
    result: fact.result,
    recall: { ...before, state: "revoked", shards: revoked, refund_micro },
  };
}

function applyLeased(progress: JobProgress, fact: LeasedFact, seq: number, at_ms: number): JobProgress {
  const partition = partitionOf(progress.plan.job_id);
  const shards = [...progress.shards];
  for (const [n, { shard, role, of }] of fact.tasks.entries()) {
    const id = formatLeaseId(partition, fact.grant, n);
    const lease: HeldLease = {
      id,
      runner: fact.runner,
      role,
      of,
      granted_ms: at_ms,
      expires_ms: fact.expires_ms,
    };
    const before = shardAt(shards, shard);
    const checks = role === "compute" ? before.checks : takeCheck(before, lease);
    shards[shard] = { ...before, leases: [...before.leases, lease], checks };
  }
  const grant = { runner: fact.runner, tasks: fact.tasks, at_ms, seq };
  return { ...progress, shards, grants: new Map(progress.grants).set(fact.grant, grant) };
}

/** The checks with this one taken; a probe or a plant comes into being with its lease. */
function takeCheck(shard: ShardProgress, lease: HeldLease): ShardProgress["checks"] {
  const { runner, role, of, granted_ms } = lease;
  if (role === "compute") return shard.checks;
  if (role === "audit" || role === "referee") {
    return shard.checks.map((check) =>
      check.runner === runner && check.role === role && check.of === of && check.state === "drawn"
        ? { ...check, state: "leased" as const, lease: lease.id }
        : check,
    );
  }
  // A plant checks the rows that an audit would, so that nobody can tell the two apart.
  const value = role === "plant" ? (shard.draws[0]?.value ?? null) : null;
  return [
    ...shard.checks,
    {
      runner,
      role,
      of,
      value,
      drawn_ms: granted_ms,
      lease: lease.id,
      state: "leased",
      answer: null,
      comparisons: [],
      outcome: "pending",
    },
  ];
}

function applyDrawn(progress: JobProgress, fact: DrawnFact, at_ms: number): JobProgress {
  const shards = [...progress.shards];
  for (const { shard, runner } of fact.skipped) {
    const before = shardAt(shards, shard);
    const checks = before.checks.map((check) =>
      check.runner === runner && check.state === "drawn" ? skipCheck(check) : check,
    );
    shards[shard] = { ...before, checks };
  }
  const known = applyRosters({ ...progress, shards }, fact.rosters);
  const decided = fact.verdicts.reduce(applyVerdict, known);
  const open = fact.reopened.reduce((next, shard) => reopen(next, shard, "recalled"), decided);
  return applyDraws(open, fact.draws, at_ms);
}

function applyReturned(progress: JobProgress, fact: ReturnedFact, at_ms: number): JobProgress {
  const shards = [...progress.shards];
  const { runner, code, detail } = fact;
  let next = progress;
  for (const shard of fact.shards) {
    const before = shardAt(shards, shard);
    const lost = before.leases.filter((lease) => lease.runner === runner);
    // What is given back must be held: else one machine could report a failure again and again until the job gives up.
    if (lost.length === 0) continue;
    const failures =
      code === null ? before.failures : [...before.failures, { runner, at_ms, code, detail: detail ?? "" }];
    shards[shard] = {
      ...before,
      leases: before.leases.filter((lease) => lease.runner !== runner),
      checks: before.checks.map((check) =>
        check.runner === runner && check.state === "leased" ? skipCheck(check) : check,
      ),
      failures,
      returned: new Map(before.returned).set(runner, at_ms),
    };
    if (fact.reason === "failed") next = bump(next, runner, { shards_failed: 1 });
    if (fact.reason === "expired") next = bump(next, runner, { shards_expired: 1 });
  }
  return { ...next, shards };
}
