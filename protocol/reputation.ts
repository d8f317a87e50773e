import { renderInstant } from "@infernet/schemas/instant";
import {
  type Ban,
  LATENCY_BUCKETS,
  type LatencyHistogram,
  type Reputation,
  type ReputationEvent,
} from "@infernet/schemas/provider";
import { credibility, isNew, stealthBound } from "./credibility.ts";

/** What every provider starts with, as if it had been seen already: a Bayesian prior (a Beta distribution's counts). */
const PRIOR = { good: 4, bad: 1, up_ms: 12 * 3600 * 1000, span_ms: 24 * 3600 * 1000 };

/**
 * Reputation from a whole ledger, in which an event may stand more than once. Pure: whoever has the events has the score.
 * With a prior of 4 good to 1 bad, and half a day up of one day:
 *
 *     completion  = (completed + 4) / (completed + failed + expired + 5), failures in an amnesty left out
 *     uptime      = (up + 12 h) / (since first seen + 24 h)
 *     credibility = 1 - f / ((1 - f) e passed), 0 once convicted
 *     score       = credibility * completion * (3 + uptime) / 4
 */
export function projectReputation(events: Iterable<ReputationEvent>, now_ms: number): Reputation {
  const ledger = unique(events);
  const sums = addUp(ledger);
  const completion =
    (sums.completed + PRIOR.good) / (sums.completed + sums.failed + sums.expired + PRIOR.good + PRIOR.bad);
  const span_ms = Math.max(now_ms - (sums.first_seen_ms ?? now_ms), 0);
  // Time seen is capped by the span: two reports of the same minutes do not make them more.
  const uptime = (Math.min(sums.up_ms, span_ms) + PRIOR.up_ms) / (span_ms + PRIOR.span_ms);
  const believed = sums.convictions > 0 ? 0 : credibility(sums.passed);
  return {
    score: (believed * completion * (3 + uptime)) / 4,
    completion,
    uptime,
    latency_ms: percentiles(sums.latency),
    credibility: believed,
    stealth_bound: stealthBound(sums.rows_audited),
    audits_passed: sums.passed,
    audits_made: sums.made,
    convictions: sums.convictions,
    shards_completed: sums.completed,
    shards_failed: sums.failed,
    shards_expired: sums.expired,
    rows_completed: sums.rows,
    rows_audited: sums.rows_audited,
    is_new: isNew(sums.passed),
    earned: projectEarnings(ledger, now_ms),
  };
}

/** The ban that holds now; null when there is none. A later one replaces an earlier one. */
export function projectBan(events: Iterable<ReputationEvent>, now_ms: number): Ban | null {
  let ban: Extract<ReputationEvent, { kind: "banned" }> | null = null;
  let appealed = false;
  for (const event of byTime(unique(events))) {
    if (event.kind === "banned") {
      ban = event;
      appealed = false;
    }
    if (event.kind === "appealed") appealed = true;
    if (event.kind === "ban_lifted") ban = null;
  }
  if (ban === null || (ban.until_ms !== null && ban.until_ms <= now_ms)) return null;
  return {
    reason: ban.reason,
    detail: ban.detail,
    since: renderInstant(ban.at_ms),
    until: ban.until_ms === null ? null : renderInstant(ban.until_ms),
    appeal_until: renderInstant(ban.appeal_until_ms),
    appealed,
  };
}

/** Holds ripen with time; a conviction takes back what is not ripe when it comes. */
function projectEarnings(ledger: readonly ReputationEvent[], now_ms: number): Reputation["earned"] {
  let held = 0n;
  let ripe = 0n;
  let taken = 0n;
  const convicted_ms = Math.min(
    ...ledger.flatMap((event) => (event.kind === "convicted" ? [event.at_ms] : [])),
  );
  for (const event of ledger) {
    if (event.kind !== "work") continue;
    const amount = BigInt(event.tally.earned_micro);
    if (event.held_until_ms > convicted_ms) taken += amount;
    else if (event.held_until_ms > now_ms) held += amount;
    else ripe += amount;
  }
  return { held_micro: held.toString(), ripe_micro: ripe.toString(), taken_back_micro: taken.toString() };
}

function addUp(ledger: readonly ReputationEvent[]) {
  const amnesties = ledger.filter((event) => event.kind === "amnesty");
  const sums = {
    completed: 0,
    failed: 0,
    expired: 0,
    rows: 0,
    passed: 0,
    rows_audited: 0,
    made: 0,
    convictions: 0,
    up_ms: 0,
    first_seen_ms: null as number | null,
    latency: Array.from({ length: LATENCY_BUCKETS }, () => 0),
  };
  for (const event of ledger) {
    if (event.kind === "convicted") sums.convictions += 1;
    if (event.kind === "uptime") {
      sums.up_ms += Math.max(event.to_ms - event.from_ms, 0);
      sums.first_seen_ms = Math.min(sums.first_seen_ms ?? event.from_ms, event.from_ms);
    }
    if (event.kind !== "work") continue;
    const { tally, at_ms } = event;
    const isExcused = amnesties.some(({ from_ms, to_ms }) => at_ms >= from_ms && at_ms <= to_ms);
    sums.completed += tally.shards_completed;
    sums.failed += isExcused ? 0 : tally.shards_failed;
    sums.expired += isExcused ? 0 : tally.shards_expired;
    sums.rows += tally.rows_completed;
    sums.passed += tally.audits_passed;
    sums.rows_audited += tally.rows_audited;
    sums.made += tally.audits_made;
    for (const [bucket, count] of tally.latency.entries())
      sums.latency[bucket] = (sums.latency[bucket] ?? 0) + count;
  }
  return sums;
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

function unique(events: Iterable<ReputationEvent>): ReputationEvent[] {
  const byName = new Map<string, ReputationEvent>();
  for (const event of events) {
    const name = `${event.kind} ${event.id}`;
    // A job whose result was recalled tells its providers' work again: the later word counts.
    const known = byName.get(name);
    if (known === undefined || known.at_ms <= event.at_ms) byName.set(name, event);
  }
  return [...byName.values()];
}

const byTime = (events: readonly ReputationEvent[]): ReputationEvent[] =>
  events.toSorted((a, b) => a.at_ms - b.at_ms);
