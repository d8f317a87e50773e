import type { RunnerId } from "@infernet/schemas/ids";
import type { CommittedFact, CommittedResult } from "@infernet/schemas/job-fact";
import { foldDraws, foldRosters } from "./apply-draws.ts";
import { foldVerdict } from "./apply-verdict.ts";
import { creditCheck } from "./credit-check.ts";
import type { Draft } from "./draft.ts";
import { type Answer, type Check, shardRowCount } from "./job-progress.ts";
import { latencyBucket } from "./provider-tally.ts";
import { listWrongBeginners } from "./wrongly-begun.ts";

export function foldCommitted(draft: Draft, fact: CommittedFact, seq: number, at_ms: number): void {
  foldRosters(draft, fact.rosters);
  for (const result of fact.results) foldResult(draft, fact.runner, result, seq, at_ms);
  // Drawn before judged: what a verdict overturns takes its draws with it.
  foldDraws(draft, fact.draws, at_ms);
  for (const verdict of fact.verdicts) foldVerdict(draft, verdict);
}

/** One answer more. */
export function foldResult(
  draft: Draft,
  runner: RunnerId,
  result: CommittedResult,
  seq: number,
  at_ms: number,
): void {
  const { shard, comparisons: _, ...committed } = result;
  const answer: Answer = { ...committed, runner, at_ms, seq };
  if (result.role === "compute") foldAnswer(draft, shard, answer, result);
  else foldCheck(draft, shard, answer, result);
}

function foldAnswer(draft: Draft, index: number, answer: Answer, { comparisons }: CommittedResult): void {
  const before = draft.shard(index);
  const { runner, at_ms } = answer;
  const latency_ms = Math.max(0, at_ms - leasedAt(draft, runner, index));
  draft.setShard(index, {
    ...before,
    // Whoever was computing beside the first answer (a hedge) is not needed any more.
    leases: [],
    answer,
    checks: [],
    draws: [],
    // Until the draw says so: an answer that was not drawn for yet is not accepted by accident.
    wanted: draft.now.plan.verification.auditors,
    differs: comparisons.some(({ zone }) => zone !== "match"),
  });
  const done = {
    shards_committed: 1,
    rows_committed: shardRowCount(draft.now.plan, index),
    compute_ms_total: answer.compute_ms,
    latency_ms_total: latency_ms,
  };
  draft.bump(runner, done, latencyBucket(latency_ms));
}

function foldCheck(
  draft: Draft,
  index: number,
  answer: Answer,
  { role, comparisons }: CommittedResult,
): void {
  const before = draft.shard(index);
  const { runner } = answer;
  const agrees =
    role !== "referee" &&
    comparisons.some((one) => one.with === before.answer?.runner && one.zone === "match");
  const outcome = agrees ? "passed" : "pending";
  const checks = before.checks.map(
    (check): Check =>
      check.lease === answer.lease_id ? { ...check, state: "answered", answer, comparisons, outcome } : check,
  );
  const leases = before.leases.filter(({ id }) => id !== answer.lease_id);
  draft.setShard(index, { ...before, leases, checks });
  draft.bump(runner, { audits_made: 1, compute_ms_total: answer.compute_ms });
  if (!agrees) return;
  creditCheck(draft, draft.shard(index), runner, role, answer.rows, 1);
  for (const maker of listWrongBeginners(comparisons)) draft.bump(maker, { shards_failed: 1 });
}

/** When a runner was last given a shard, held or lost since: an answer after its lease has ended was slow, not instant. */
function leasedAt(draft: Draft, runner: RunnerId, shard: number): number {
  const lease = draft.shard(shard).leases.find((held) => held.runner === runner);
  if (lease !== undefined) return lease.granted_ms;
  const last = draft.now.grants.last(runner, shard, draft.now.seq);
  if (last === undefined) throw new Error(`${runner} was never given shard ${shard}`);
  return last.at_ms;
}
