import { LATENCY_BUCKETS, type LatencyHistogram, type ReputationEvent } from "@infernet/schemas/provider";
import { convictionOver, isExcused, isMark, type Mark } from "./ban-rules.ts";

type EventOf<Kind extends ReputationEvent["kind"]> = Extract<ReputationEvent, { kind: Kind }>;

/** The entries that a ledger has many of. */
export type CommonEvent = EventOf<"work" | "uptime">;

/** A ledger added up: as large for a hundred thousand jobs as for one. Plain JSON. */
export interface LedgerTotals {
  shards_completed: number;
  shards_failed: number;
  shards_expired: number;
  rows_completed: number;
  audits_passed: number;
  rows_audited: number;
  audits_made: number;
  latency: LatencyHistogram;
  up_ms: number;
  first_seen_ms: number | null;
  /** In micro-units, as decimal text. */
  ripe_micro: string;
  taken_back_micro: string;
  /** What was held when the last entry came, by the hour at which it ripens. */
  held: { ripens_ms: number; micro: string }[];
  /** The rare entries, whole. */
  marks: Mark[];
}

export const EMPTY_LEDGER: LedgerTotals = {
  shards_completed: 0,
  shards_failed: 0,
  shards_expired: 0,
  rows_completed: 0,
  audits_passed: 0,
  rows_audited: 0,
  audits_made: 0,
  latency: Array.from({ length: LATENCY_BUCKETS }, () => 0),
  up_ms: 0,
  first_seen_ms: null,
  ripe_micro: "0",
  taken_back_micro: "0",
  held: [],
  marks: [],
};

/** An entry that is new in a ledger, and the one of its kind and id that counted before. */
export interface LedgerNews {
  event: ReputationEvent;
  known: ReputationEvent | null;
}

/**
 * The totals with these entries more. Common ones are added to the sums; a rare one changes how old entries count, so that
 * everything is added up anew.
 *
 * @param listCommon every common entry that counts with these, once
 */
export function extendTotals(
  totals: LedgerTotals,
  news: readonly LedgerNews[],
  listCommon: () => Iterable<CommonEvent>,
  now_ms: number,
): LedgerTotals {
  const marks = news.map(({ event }) => event).filter(isMark);
  if (marks.length > 0) return addUp([...totals.marks, ...marks], listCommon(), now_ms);
  const sums = structuredClone(totals);
  ripen(sums, now_ms);
  for (const { event, known } of news) {
    if (isMark(event)) continue;
    if (known?.kind === "work") count(sums, known, -1, now_ms);
    count(sums, event, 1, now_ms);
  }
  return sums;
}

/** The totals of a whole ledger. @param common every entry that counts, once */
export function addUp(marks: readonly Mark[], common: Iterable<CommonEvent>, now_ms: number): LedgerTotals {
  const sums = structuredClone({ ...EMPTY_LEDGER, marks: [...marks] });
  for (const event of common) count(sums, event, 1, now_ms);
  return sums;
}

/**
 * Whether an entry takes the place of one of its kind and id: a job whose result was recalled tells its providers' work
 * again, later. Every other entry is what it was when it was made.
 */
export const replaces = (event: ReputationEvent, known: ReputationEvent): boolean =>
  event.kind === "work" && event.at_ms > known.at_ms;

/** What is the provider's for good by now. */
export const ripeAt = ({ ripe_micro, held }: LedgerTotals, now_ms: number): bigint =>
  held.reduce(
    (sum, { ripens_ms, micro }) => (ripens_ms <= now_ms ? sum + BigInt(micro) : sum),
    BigInt(ripe_micro),
  );

function ripen(sums: LedgerTotals, now_ms: number): void {
  sums.ripe_micro = ripeAt(sums, now_ms).toString();
  sums.held = sums.held.filter(({ ripens_ms }) => ripens_ms > now_ms);
}

function count(sums: LedgerTotals, event: CommonEvent, times: 1 | -1, now_ms: number): void {
  if (event.kind === "uptime") {
    sums.up_ms += Math.max(event.to_ms - event.from_ms, 0);
    sums.first_seen_ms = Math.min(sums.first_seen_ms ?? event.from_ms, event.from_ms);
    return;
  }
  const { tally, at_ms } = event;
  const blamed = isExcused(sums.marks, at_ms) ? 0 : times;
  sums.shards_completed += times * tally.shards_completed;
  sums.shards_failed += blamed * tally.shards_failed;
  sums.shards_expired += blamed * tally.shards_expired;
  sums.rows_completed += times * tally.rows_completed;
  sums.audits_passed += times * tally.audits_passed;
  sums.rows_audited += times * tally.rows_audited;
  sums.audits_made += times * tally.audits_made;
  for (const [bucket, number] of tally.latency.entries())
    sums.latency[bucket] = (sums.latency[bucket] ?? 0) + times * number;
  countPay(sums, event, BigInt(times) * BigInt(tally.earned_micro), now_ms);
}

function countPay(sums: LedgerTotals, work: EventOf<"work">, micro: bigint, now_ms: number): void {
  const ripens_ms = work.held_until_ms;
  const held = sums.held.find((hour) => hour.ripens_ms === ripens_ms);
  if (convictionOver(sums.marks, work) !== null)
    sums.taken_back_micro = (BigInt(sums.taken_back_micro) + micro).toString();
  else if (ripens_ms <= now_ms) sums.ripe_micro = (BigInt(sums.ripe_micro) + micro).toString();
  else if (held !== undefined) held.micro = (BigInt(held.micro) + micro).toString();
  else sums.held.push({ ripens_ms, micro: micro.toString() });
}
