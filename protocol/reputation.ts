import type { LatencyHistogram, Reputation, ReputationEvent } from "@infernet/schemas/provider";
import { isMark, listConvictions, type Mark } from "./ban-rules.ts";
import { credibility, isNew, stealthBound } from "./credibility.ts";
import { addUp, type CommonEvent, type LedgerTotals, replaces, ripeAt } from "./ledger-totals.ts";

/** What every provider starts with, as if it had been seen already: a Bayesian prior (a Beta distribution's counts). */
const PRIOR = { good: 4, bad: 1, up_ms: 12 * 3600 * 1000, span_ms: 24 * 3600 * 1000 };

/**
 * Reputation from a whole ledger, in which an entry may stand more than once, in any order. Pure: whoever has the entries
 * has the score.
 */
export function projectReputation(events: Iterable<ReputationEvent>, now_ms: number): Reputation {
  const marks: Mark[] = [];
  const common: CommonEvent[] = [];
  for (const event of listCounting(events)) {
    if (isMark(event)) marks.push(event);
    else common.push(event);
  }
  return renderReputation(addUp(marks, common, now_ms), now_ms);
}

/**
 * Reputation from a ledger added up. With a prior of 4 good to 1 bad, and half a day up of one day:
 *
 *     completion  = (completed + 4) / (completed + failed + expired + 5), failures in an amnesty left out
 *     uptime      = (up + 12 h) / (since first seen + 24 h)
 *     credibility = 1 - f / ((1 - f) e passed), 0 once convicted
 *     score       = credibility * completion * (3 + uptime) / 4
 *
 * A conviction whose ban was lifted counts no more, and what it took back is given back.
 */
export function renderReputation(totals: LedgerTotals, now_ms: number): Reputation {
  const { shards_completed, shards_failed, shards_expired } = totals;
  const completion =
    (shards_completed + PRIOR.good) /
    (shards_completed + shards_failed + shards_expired + PRIOR.good + PRIOR.bad);
  const span_ms = Math.max(now_ms - (totals.first_seen_ms ?? now_ms), 0);
  // Time seen is capped by the span: two reports of the same minutes do not make them more.
  const uptime = (Math.min(totals.up_ms, span_ms) + PRIOR.up_ms) / (span_ms + PRIOR.span_ms);
  const convictions = listConvictions(totals.marks).length;
  const believed = convictions > 0 ? 0 : credibility(totals.audits_passed);
  return {
    score: (believed * completion * (3 + uptime)) / 4,
    completion,
    uptime,
    latency_ms: percentiles(totals.latency),
    credibility: believed,
    stealth_bound: stealthBound(totals.rows_audited),
    audits_passed: totals.audits_passed,
    audits_made: totals.audits_made,
    convictions,
    shards_completed,
    shards_failed,
    shards_expired,
    rows_completed: totals.rows_completed,
    rows_audited: totals.rows_audited,
    is_new: isNew(trustedPasses(totals)),
    earned: renderEarnings(totals, now_ms),
  };
}

/**
 * Passed checks that jobs may build on. None of a provider that was convicted: when its ban is over it works as a new one
 * does, for good.
 */
export const trustedPasses = ({ marks, audits_passed }: LedgerTotals): number =>
  listConvictions(marks).length > 0 ? 0 : audits_passed;

function renderEarnings(totals: LedgerTotals, now_ms: number): Reputation["earned"] {
  const kept = totals.held.reduce((sum, { micro }) => sum + BigInt(micro), BigInt(totals.ripe_micro));
  const ripe = ripeAt(totals, now_ms);
  return {
    held_micro: (kept - ripe).toString(),
    ripe_micro: ripe.toString(),
    taken_back_micro: totals.taken_back_micro,
  };
}

/** Each percentile as the geometric middle of the bucket that it falls in. */
function percentiles(histogram: LatencyHistogram): Reputation["latency_ms"] {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const at = (share: number): number => {
    let seen = 0;
    let bucket = -1;
    while (seen < share * total) {
      bucket += 1;
      seen += histogram[bucket] ?? 0;
    }
    return Math.round(2 ** (bucket + 0.5));
  };
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

/** Of each entry the version that counts. */
function listCounting(events: Iterable<ReputationEvent>): ReputationEvent[] {
  const byName = new Map<string, ReputationEvent>();
  for (const event of events) {
    const name = `${event.kind} ${event.id}`;
    const known = byName.get(name);
    if (known === undefined || replaces(event, known)) byName.set(name, event);
  }
  return [...byName.values()];
}
