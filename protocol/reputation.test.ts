import type { ReputationEvent, WorkTally } from "@infernet/schemas/provider";
import fc from "fast-check";
import { expect, test } from "vitest";
import { banFor } from "./ban-rules.ts";
import { projectReputation } from "./reputation.ts";
import { amnesty, conviction, HOUR, lift, someLedger, uptime, work } from "./testing/sample-ledger.ts";

const NOW = 1_000 * HOUR;
const DAY = 24 * HOUR;
const scoreOf = (events: ReputationEvent[]): number => projectReputation(events, NOW).score;

test("every part of a reputation is a share between 0 and 1", () => {
  fc.assert(
    fc.property(someLedger, (events) => {
      const { score, completion, credibility, uptime: up } = projectReputation(events, NOW);
      for (const part of [score, completion, credibility, up]) {
        expect(part).toBeGreaterThanOrEqual(0);
        expect(part).toBeLessThan(1);
      }
    }),
  );
});

test("neither the order of events nor repeats change a reputation", () => {
  const shuffled = someLedger.chain((events) =>
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

test("no pay is lost or made, whatever is held, ripe or taken back", () => {
  fc.assert(
    fc.property(someLedger, fc.nat({ max: 1_100 }), (events, hour) => {
      const latest = new Map<string, Extract<ReputationEvent, { kind: "work" }>>();
      for (const event of events) {
        if (event.kind === "work" && (latest.get(event.id)?.at_ms ?? -1) < event.at_ms)
          latest.set(event.id, event);
      }
      const paid = [...latest.values()].reduce((sum, { tally }) => sum + BigInt(tally.earned_micro), 0n);
      const { earned } = projectReputation(events, hour * HOUR);
      const parts = [earned.held_micro, earned.ripe_micro, earned.taken_back_micro].map(BigInt);
      expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(paid);
      for (const part of parts) expect(part >= 0n).toBe(true);
    }),
  );
});

test("good work never lowers the score, and bad work always does", () => {
  fc.assert(
    fc.property(someLedger, fc.integer({ min: 1, max: 100 }), (events, n) => {
      const calm = events.filter(({ kind }) => kind === "work" || kind === "uptime");
      const after = (tally: Partial<WorkTally>): number => scoreOf([...calm, work(999, NOW, tally)]);
      expect(after({ shards_completed: n })).toBeGreaterThan(scoreOf(calm));
      expect(after({ audits_passed: n })).toBeGreaterThanOrEqual(scoreOf(calm));
      expect(after({ shards_failed: n })).toBeLessThan(scoreOf(calm));
      expect(after({ shards_expired: n })).toBeLessThan(scoreOf(calm));
    }),
  );
});

test("a provider that is always there outranks one that is there half the time", () => {
  const always = [uptime(0, NOW)];
  const half = [uptime(0, NOW / 4), uptime(NOW / 2, (3 * NOW) / 4)];
  expect(projectReputation(always, NOW).uptime).toBeGreaterThan(0.98);
  expect(projectReputation(half, NOW).uptime).toBeCloseTo(0.5, 5);
  expect(scoreOf(always)).toBeGreaterThan(scoreOf(half));
});

test("a newcomer starts from the prior, without a latency or a bound", () => {
  const newcomer = projectReputation([], NOW);
  expect(newcomer).toMatchObject({ completion: 0.8, uptime: 0.5, latency_ms: null, stealth_bound: null });
  expect(newcomer.credibility).toBeCloseTo(0.7, 10);
  expect(newcomer.is_new).toBe(true);
});

test("credibility grows with the checks passed, and the share of wrong rows that may hide shrinks with rows checked", () => {
  const after = (audits_passed: number) =>
    projectReputation([work(1, NOW, { audits_passed, rows_audited: 4 * audits_passed })], NOW);
  const [some, many] = [after(20), after(1_000)];
  expect(some.is_new).toBe(false);
  expect(many.credibility).toBeGreaterThan(some.credibility);
  expect(many.stealth_bound ?? 1).toBeLessThan(some.stealth_bound ?? 0);
});

test("percentiles fall into the bucket that holds them", () => {
  const latency = Array.from({ length: 24 }, (_, bucket) => (bucket === 5 ? 95 : bucket === 12 ? 5 : 0));
  const { latency_ms } = projectReputation([work(1, NOW, { latency })], NOW);
  expect(latency_ms).toEqual({ p50: 45, p90: 45, p99: 5793 });
});

test("one conviction takes all credibility, and the checks passed before it and after it count no more", () => {
  const history = [work(1, NOW - 30 * DAY, { audits_passed: 5_000 }), conviction(2, NOW - 20 * DAY)];
  const later = work(3, NOW, { audits_passed: 5_000 });
  for (const events of [history, [...history, later]])
    expect(projectReputation(events, NOW)).toMatchObject({
      credibility: 0,
      score: 0,
      convictions: 1,
      is_new: true,
    });
});

test("pay is held for a day, to the full hour, and then the provider's for good", () => {
  const events = [work(1, NOW + 1, { earned_micro: "70" })];
  const earnedAt = (at_ms: number) => projectReputation(events, at_ms).earned;
  expect(earnedAt(NOW + DAY + HOUR - 1)).toMatchObject({ held_micro: "70", ripe_micro: "0" });
  expect(earnedAt(NOW + DAY + HOUR)).toMatchObject({ held_micro: "0", ripe_micro: "70" });
});

test("a conviction takes back what was still held, and leaves what was ripe", () => {
  const convicted = conviction(9, NOW);
  const events = [
    work(1, NOW - 2 * DAY, { earned_micro: "1" }),
    work(2, NOW - HOUR, { earned_micro: "20" }),
    // This job was running when the provider was convicted elsewhere, and ended after it.
    work(3, NOW + HOUR, { earned_micro: "300" }),
    // And this one came when the first ban, a week, was over.
    work(4, NOW + 8 * DAY, { earned_micro: "4000" }),
    convicted,
    banFor(convicted, 0),
  ];
  expect(projectReputation(events, NOW + 8 * DAY + HOUR).earned).toEqual({
    ripe_micro: "1",
    taken_back_micro: "320",
    held_micro: "4000",
  });
});

test("a lifted ban acquits: nothing is taken back and the checks passed count again", () => {
  const convicted = conviction(9, NOW - HOUR);
  const events = [
    work(1, NOW - 2 * HOUR, { earned_micro: "5", audits_passed: 100 }),
    convicted,
    banFor(convicted, 0),
  ];
  const spared = projectReputation([...events, lift(convicted, NOW)], NOW);
  expect(spared).toMatchObject({ convictions: 0, is_new: false, earned: { held_micro: "5" } });
  expect(spared.credibility).toBeGreaterThan(0.99);
});

test("what failed in an amnesty is excused, and what was done in it still counts", () => {
  const tally = { shards_completed: 10, shards_failed: 50, shards_expired: 50 };
  const events = [work(1, NOW - HOUR, tally), amnesty("a", NOW - 2 * HOUR, NOW)];
  expect(projectReputation(events, NOW)).toMatchObject({
    shards_completed: 10,
    shards_failed: 0,
    shards_expired: 0,
  });
  const outside = projectReputation([...events, work(2, NOW + 1, { shards_failed: 1 })], NOW);
  expect(outside.shards_failed).toBe(1);
});
