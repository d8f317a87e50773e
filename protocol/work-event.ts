import type { RunnerId } from "@infernet/schemas/ids";
import type { JobFact } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import type { PriceTerms } from "@infernet/schemas/price";
import type { ReputationEvent, WorkTally } from "@infernet/schemas/provider";
import type { Verdict } from "@infernet/schemas/verification";
import { shareOut } from "./earnings.ts";
import { holdUntil } from "./holds.ts";
import type { JobProgress, ShardProgress } from "./job-progress.ts";
import { settle } from "./settlement.ts";

/**
 * What each provider's reputation ledger learns from a job that ended: the job's id makes a repeat harmless. Everything
 * in it follows from the job's receipt, so another aggregator comes to the same ledger.
 */
export function renderWorkEvents(
  progress: JobProgress,
  terms: PriceTerms,
  at_ms: number,
  hold_ms: number = LIMITS.hold_ms,
): Map<RunnerId, ReputationEvent> {
  const { shared, fee } = settle(progress, terms);
  const earned = shareOut(progress, shared);
  const fees = shareOut(progress, fee);
  const events = new Map<RunnerId, ReputationEvent>();
  const { succeeded, failed, canceled, expired } = progress.timestamps;
  const held_until_ms = holdUntil(succeeded ?? failed ?? canceled ?? expired ?? at_ms, hold_ms);
  for (const [runner, done] of progress.providers) {
    // Told when the job ended; what it earned is taken back by its conviction, and not by telling it anew.
    if (progress.recall !== null && progress.convicted.has(runner)) continue;
    const tally: WorkTally = {
      shards_completed: done.shards_committed,
      rows_completed: done.rows_committed,
      shards_failed: done.shards_failed,
      shards_expired: done.shards_expired,
      audits_passed: done.audits_passed,
      rows_audited: done.rows_audited,
      audits_made: done.audits_made,
      latency: done.latency,
      compute_ms_total: Math.round(done.compute_ms_total),
      earned_micro: (earned.get(runner) ?? 0n).toString(),
    };
    const { unit, escrow } = terms;
    const pay = { unit, escrow, fee_micro: (fees.get(runner) ?? 0n).toString() };
    events.set(runner, { kind: "work", id: progress.plan.job_id, at_ms, tally, held_until_ms, pay });
  }
  return events;
}

/** Whether a fact can be one that somebody is convicted by here. */
export function mayConvict(fact: JobFact): boolean {
  if (fact.kind === "committed" || fact.kind === "drawn") return fact.verdicts.length > 0;
  return fact.kind === "contradicted";
}

/** The convictions of a job, for the ledgers of those who were found wrong. */
export function renderConvictions(progress: JobProgress, at_ms: number): Map<RunnerId, ReputationEvent> {
  const events = new Map<RunnerId, ReputationEvent>();
  const { job_id } = progress.plan;
  for (const [runner, { shard }] of progress.contradictions)
    events.set(runner, {
      kind: "convicted",
      id: job_id,
      at_ms,
      job_id,
      shard,
      as: "contradiction",
      partial: true,
    });
  for (const [shard, held] of progress.shards.entries()) {
    for (const verdict of held.verdicts) {
      const { answer, check } = verdict;
      for (const [as, { runner, ruling }] of [
        ["answer", answer],
        ["check", check],
      ] as const) {
        if (ruling !== "convicted" || events.has(runner)) continue;
        const partial = isPartial(held, verdict);
        events.set(runner, { kind: "convicted", id: job_id, at_ms, job_id, shard, as, partial });
      }
    }
  }
  return events;
}

/** Whether the two that disagreed did so in some of their rows only. */
function isPartial({ checks, past }: ShardProgress, { answer, check }: Verdict): boolean {
  const made = [checks, ...past.map((one) => one.checks)]
    .flat()
    .find((one) => one.runner === check.runner && one.role !== "referee" && one.answer !== null);
  const differing = made?.comparisons.find((one) => one.with === answer.runner)?.rows_differing ?? 0;
  return differing > 0 && differing < (made?.answer?.rows ?? 0);
}
