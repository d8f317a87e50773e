import type { ReputationEvent } from "@infernet/schemas/provider";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addReputationEvent, NO_REPUTATION, projectReputation, renderReputation } from "./reputation.ts";

const HOUR = 3600 * 1000;
const NOW = 1_000 * HOUR;

type Work = Extract<ReputationEvent, { kind: "work" }>;
const work = (id: string, counts: Partial<Work>): Work => ({
  kind: "work",
  id,
  at_ms: NOW,
  shards_completed: 0,
  rows_completed: 0,
  shards_failed: 0,
  shards_expired: 0,
  shards_agreed: 0,
  shards_outvoted: 0,
  latency_ms_total: 0,
  compute_ms_total: 0,
  ...counts,
});
const uptime = (id: string, from_ms: number, to_ms: number): ReputationEvent => ({
  kind: "uptime",
  id,
  at_ms: to_ms,
  from_ms,
  to_ms,
});

const count = fc.nat({ max: 50 });
const event: fc.Arbitrary<ReputationEvent> = fc.oneof(
  fc
    .record({
      shards_completed: count,
      shards_failed: count,
      shards_expired: count,
      shards_agreed: count,
      shards_outvoted: count,
    })
    .map((counts) => work("", { ...counts, latency_ms_total: counts.shards_completed * 40 })),
  fc
    .tuple(fc.nat({ max: 900 }), fc.nat({ max: 90 }))
    .map(([start, hours]) => uptime("", start * HOUR, (start + hours) * HOUR)),
);
const ledger = fc
  .array(event, { maxLength: 8 })
  .map((events) => events.map((entry, i) => ({ ...entry, id: String(i) })));
const scoreOf = (events: ReputationEvent[]): number => projectReputation(events, NOW).score;

test("every part of a reputation is a share between 0 and 1", () => {
  fc.assert(
    fc.property(ledger, (events) => {
      const { score, completion, agreement, uptime: up } = projectReputation(events, NOW);
      for (const part of [score, completion, agreement, up]) {
        expect(part).toBeGreaterThan(0);
        expect(part).toBeLessThan(1);
      }
    }),
  );
});

test("neither the order of events nor repeats change a reputation", () => {
  const shuffled = ledger.chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([events, again]) => {
      expect(projectReputation(again, NOW)).toEqual(projectReputation(events, NOW));
    }),
  );
});

test("adding events one by one gives what the whole ledger gives", () => {
  fc.assert(
    fc.property(ledger, (events) => {
      const totals = events.reduce(addReputationEvent, NO_REPUTATION);
      expect(renderReputation(totals, NOW)).toEqual(projectReputation(events, NOW));
    }),
  );
});

test("good work never lowers the score, and bad work always does", () => {
  fc.assert(
    fc.property(ledger, fc.integer({ min: 1, max: 100 }), (events, n) => {
      const score = scoreOf(events);
      const after = (counts: Partial<Work>): number => scoreOf([...events, work("next", counts)]);
      expect(after({ shards_completed: n })).toBeGreaterThan(score);
      expect(after({ shards_agreed: n })).toBeGreaterThan(score);
      expect(after({ shards_failed: n })).toBeLessThan(score);
      expect(after({ shards_expired: n })).toBeLessThan(score);
      expect(after({ shards_outvoted: n })).toBeLessThan(score);
    }),
  );
});

test("being outvoted once costs more than ten times what a timeout costs", () => {
  for (const shards of [20, 100, 1_000]) {
    const history = work("history", { shards_completed: shards, shards_agreed: shards });
    const loss = (counts: Partial<Work>): number =>
      scoreOf([history]) - scoreOf([history, work("next", counts)]);
    expect(loss({ shards_outvoted: 1 })).toBeGreaterThan(10 * loss({ shards_expired: 1 }));
  }
});

test("a provider that is always there outranks one that is there half the time", () => {
  const always = [uptime("a", 0, NOW)];
  const half = [uptime("a", 0, NOW / 4), uptime("b", NOW / 2, (3 * NOW) / 4)];
  expect(projectReputation(always, NOW).uptime).toBeGreaterThan(0.98);
  expect(projectReputation(half, NOW).uptime).toBeCloseTo(0.5, 5);
  expect(scoreOf(always)).toBeGreaterThan(scoreOf(half));
});

test("a newcomer starts from the prior, without a latency", () => {
  const newcomer = projectReputation([], NOW);
  expect(newcomer).toMatchObject({ completion: 0.8, agreement: 0.8, uptime: 0.5, latency_ms_mean: null });
});
