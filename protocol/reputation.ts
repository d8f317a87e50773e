import type { Reputation, ReputationEvent } from "@infernet/schemas/provider";

/** A ledger added up: adding events in any order gives the same totals, so the ledger need not be read again. */
export interface ReputationTotals {
  shards_completed: number;
  rows_completed: number;
  shards_failed: number;
  shards_expired: number;
  shards_agreed: number;
  shards_outvoted: number;
  latency_ms_total: number;
  up_ms: number;
  /** Start of the first time that the provider was seen; null before any. */
  first_seen_ms: number | null;
}

export const NO_REPUTATION: Readonly<ReputationTotals> = {
  shards_completed: 0,
  rows_completed: 0,
  shards_failed: 0,
  shards_expired: 0,
  shards_agreed: 0,
  shards_outvoted: 0,
  latency_ms_total: 0,
  up_ms: 0,
  first_seen_ms: null,
};

/** What every provider starts with, as if it had been seen already: a Bayesian prior (a Beta distribution's counts). */
const PRIOR = { good: 4, bad: 1, up_ms: 12 * 3600 * 1000, span_ms: 24 * 3600 * 1000 };

/** An outvoted shard was wrong, not slow: it weighs as much as this many agreed ones. */
const OUTVOTED_WEIGHT = 20;

/** The totals with one more event. The caller keeps an event from counting twice, by its id. */
export function addReputationEvent(
  totals: Readonly<ReputationTotals>,
  event: ReputationEvent,
): ReputationTotals {
  switch (event.kind) {
    case "work":
      return {
        ...totals,
        shards_completed: totals.shards_completed + event.shards_completed,
        rows_completed: totals.rows_completed + event.rows_completed,
        shards_failed: totals.shards_failed + event.shards_failed,
        shards_expired: totals.shards_expired + event.shards_expired,
        shards_agreed: totals.shards_agreed + event.shards_agreed,
        shards_outvoted: totals.shards_outvoted + event.shards_outvoted,
        latency_ms_total: totals.latency_ms_total + event.latency_ms_total,
      };
    case "uptime":
      return {
        ...totals,
        up_ms: totals.up_ms + Math.max(event.to_ms - event.from_ms, 0),
        first_seen_ms: Math.min(totals.first_seen_ms ?? event.from_ms, event.from_ms),
      };
  }
}

/**
 * Reputation from totals. With a prior of 4 good to 1 bad, and half a day up of one day:
 *
 *     completion = (completed + 4) / (completed + failed + expired + 5)
 *     agreement  = (agreed + 4) / (agreed + 20 outvoted + 5)
 *     uptime     = (up + 12 h) / (since first seen + 24 h)
 *     score      = agreement^2 * completion * (3 + uptime) / 4
 */
export function renderReputation(totals: Readonly<ReputationTotals>, now_ms: number): Reputation {
  const { shards_completed, shards_failed, shards_expired, shards_agreed, shards_outvoted } = totals;
  const completion = share(shards_completed, shards_failed + shards_expired);
  const agreement = share(shards_agreed, OUTVOTED_WEIGHT * shards_outvoted);
  const span_ms = Math.max(now_ms - (totals.first_seen_ms ?? now_ms), 0);
  // Time seen is capped by the span: two reports of the same minutes do not make them more.
  const uptime = (Math.min(totals.up_ms, span_ms) + PRIOR.up_ms) / (span_ms + PRIOR.span_ms);
  return {
    score: (agreement ** 2 * completion * (3 + uptime)) / 4,
    completion,
    agreement,
    uptime,
    latency_ms_mean: shards_completed === 0 ? null : totals.latency_ms_total / shards_completed,
    shards_completed,
    shards_failed,
    shards_expired,
    shards_agreed,
    shards_outvoted,
    rows_completed: totals.rows_completed,
  };
}

const share = (good: number, bad: number): number =>
  (good + PRIOR.good) / (good + bad + PRIOR.good + PRIOR.bad);

/** Reputation from a whole ledger, in which an event may stand more than once. */
export function projectReputation(events: Iterable<ReputationEvent>, now_ms: number): Reputation {
  const seen = new Set<string>();
  let totals: ReputationTotals = NO_REPUTATION;
  for (const event of events) {
    const key = `${event.kind} ${event.id}`;
    if (seen.has(key)) continue;
    seen.add(key);
    totals = addReputationEvent(totals, event);
  }
  return renderReputation(totals, now_ms);
}
