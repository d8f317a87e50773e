import type { ReputationEvent } from "@infernet/schemas/provider";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isMark } from "./ban-rules.ts";
import {
  type CommonEvent,
  EMPTY_LEDGER,
  extendTotals,
  type LedgerNews,
  type LedgerTotals,
  replaces,
} from "./ledger-totals.ts";
import { projectReputation, renderReputation } from "./reputation.ts";
import { HOUR, LEDGER_END, someLedger, uptime, work } from "./testing/sample-ledger.ts";

/** A ledger in memory, which takes entries as a provider's store does. */
class TestLedger {
  readonly #counting = new Map<string, ReputationEvent>();
  readonly all: ReputationEvent[] = [];
  totals: LedgerTotals = EMPTY_LEDGER;

  add(events: readonly ReputationEvent[], now_ms: number): void {
    const news: LedgerNews[] = [];
    for (const event of events) {
      const name = `${event.kind} ${event.id}`;
      const known = this.#counting.get(name) ?? null;
      if (known !== null && !replaces(event, known)) continue;
      this.#counting.set(name, event);
      this.all.push(event);
      news.push({ event, known });
    }
    const listCommon = () => [...this.#counting.values()].filter((event) => !isMark(event)) as CommonEvent[];
    this.totals = extendTotals(this.totals, news, listCommon, now_ms);
  }
}

test("a ledger that is added up entry by entry, in any order, gives what the whole of it gives", () => {
  const steps = fc.tuple(
    someLedger,
    fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 8 }),
    fc.nat({ max: 5 }),
  );
  fc.assert(
    fc.property(steps, ([events, hours, size]) => {
      const ledger = new TestLedger();
      let now_ms = LEDGER_END / 2;
      for (let from = 0, step = 0; from < events.length; from += size + 1, step += 1) {
        now_ms += (hours[step % hours.length] ?? 0) * HOUR;
        const batch = events.slice(from, from + size + 1);
        ledger.add([...batch, ...batch.slice(0, 1)], now_ms);
        const later_ms = now_ms + 30 * HOUR;
        for (const at_ms of [now_ms, later_ms])
          expect(renderReputation(ledger.totals, at_ms)).toEqual(projectReputation(ledger.all, at_ms));
      }
      expect(renderReputation(ledger.totals, now_ms)).toEqual(projectReputation(events, now_ms));
    }),
    { numRuns: 500 },
  );
});

test("totals survive as JSON", () => {
  fc.assert(
    fc.property(someLedger, (events) => {
      const ledger = new TestLedger();
      ledger.add(events, LEDGER_END);
      expect(JSON.parse(JSON.stringify(ledger.totals))).toEqual(ledger.totals);
    }),
  );
});

test("totals are as large after twenty thousand jobs as after a day of them", () => {
  const ledger = new TestLedger();
  const sizeAfter = (from: number, to: number): number => {
    for (let job = from; job < to; job += 1)
      ledger.add([work(job, job * 60_000, { shards_completed: 1, earned_micro: "7" })], job * 60_000);
    return JSON.stringify(ledger.totals).length;
  };
  const after_day = sizeAfter(0, 1_500);
  expect(sizeAfter(1_500, 20_000)).toBeLessThan(after_day + 100);
  expect(ledger.totals.held.length).toBeLessThanOrEqual(26);
});

test("work that is told again later takes the place of what was told, and an older word changes nothing", () => {
  const ledger = new TestLedger();
  ledger.add([work(1, 2 * HOUR, { shards_completed: 8, earned_micro: "80" })], 2 * HOUR);
  ledger.add([work(1, 3 * HOUR, { shards_completed: 5, earned_micro: "50" })], 3 * HOUR);
  ledger.add([work(1, HOUR, { shards_completed: 9, earned_micro: "90" })], 4 * HOUR);
  ledger.add([uptime(0, HOUR), uptime(0, HOUR)], 4 * HOUR);
  expect(renderReputation(ledger.totals, 4 * HOUR)).toMatchObject({
    shards_completed: 5,
    earned: { held_micro: "50", ripe_micro: "0" },
  });
  expect(ledger.totals.up_ms).toBe(HOUR);
});
