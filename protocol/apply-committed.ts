import type { RunnerId } from "@infernet/schemas/ids";
import type { CommittedFact, CommittedResult } from "@infernet/schemas/job-fact";
import { applyDraws, applyRosters } from "./apply-draws.ts";
import { applyVerdict } from "./apply-verdict.ts";
import { creditCheck } from "./credit-check.ts";
import { type Answer, type Check, type JobProgress, shardAt, shardRowCount } from "./job-progress.ts";
import { bump, bumpLatency } from "./provider-tally.ts";

export function applyCommitted(
  progress: JobProgress,
  fact: CommittedFact,
  seq: number,
  at_ms: number,
): JobProgress {
  let next = applyRosters(progress, fact.rosters);
  for (const result of fact.results) next = applyResult(next, fact.runner, result, seq, at_ms);
  // Drawn before judged: what a verdict overturns takes its draws with it.
  next = applyDraws(next, fact.draws, at_ms);
  return fact.verdicts.reduce(applyVerdict, next);
}

/** One answer more. */
export function applyResult(
  progress: JobProgress,
  runner: RunnerId,
  result: CommittedResult,
  seq: number,
  at_ms: number,
): JobProgress {
  const { shard, comparisons: _, ...committed } = result;
  const answer: Answer = { ...committed, runner, at_ms, seq };
  return result.role === "compute"
    ? applyAnswer(progress, shard, answer, result)
    : applyCheck(progress, shard, answer, result);
}

function applyAnswer(
  progress: JobProgress,
  index: number,
  answer: Answer,
  { comparisons }: CommittedResult,
): JobProgress {
  const before = shardAt(progress.shards, index);
  const { runner, at_ms } = answer;
  const latency_ms = Math.max(0, at_ms - leasedAt(progress, runner, index));
  const shards = [...progress.shards];
  shards[index] = {
    ...before,
    // Whoever was computing beside the first answer (a hedge) is not needed any more.
    leases: [],
    answer,
    checks: [],
    draws: [],
    // Until the draw says so: an answer that was not drawn for yet is not accepted by accident.
    wanted: progress.plan.verification.auditors,
    differs: comparisons.some(({ zone }) => zone !== "match"),
  };
  const tallied = bump({ ...progress, shards }, runner, {
    shards_committed: 1,
    rows_committed: shardRowCount(progress.plan, index),
    compute_ms_total: answer.compute_ms,
  });
  return bumpLatency(tallied, runner, latency_ms);
}

function applyCheck(
  progress: JobProgress,
  index: number,
  answer: Answer,
  { role, comparisons }: CommittedResult,
): JobProgress {
  const before = shardAt(progress.shards, index);
  const { runner } = answer;
  const maker = before.answer?.runner;
  const agrees = role !== "referee" && comparisons.some((one) => one.with === maker && one.zone === "match");
  const outcome = agrees ? "passed" : "pending";
  const checks = before.checks.map(
    (check): Check =>
      check.lease === answer.lease_id ? { ...check, state: "answered", answer, comparisons, outcome } : check,
  );
  const shards = [...progress.shards];
  const leases = before.leases.filter((lease) => lease.runner !== runner);
  shards[index] = { ...before, leases, checks };
  const made = bump({ ...progress, shards }, runner, {
    audits_made: 1,
    compute_ms_total: answer.compute_ms,
  });
  return agrees ? creditCheck(made, shardAt(shards, index), runner, role, answer.rows, 1) : made;
}

/** When a runner was last given a shard, held or lost since: an answer after its lease has ended was slow, not instant. */
function leasedAt(progress: JobProgress, runner: RunnerId, shard: number): number {
  const lease = shardAt(progress.shards, shard).leases.find((held) => held.runner === runner);
  if (lease !== undefined) return lease.granted_ms;
  const last = [...progress.grants.values()].findLast(
    (grant) => grant.runner === runner && grant.tasks.some((task) => task.shard === shard),
  );
  if (last === undefined) throw new Error(`${runner} was never given shard ${shard}`);
  return last.at_ms;
}
