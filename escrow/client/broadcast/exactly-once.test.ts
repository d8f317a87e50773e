import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HistoryEvent, playHistory } from "../testing/payment-history.ts";
import { decideBroadcast } from "./decide-broadcast.ts";

const event: fc.Arbitrary<HistoryEvent> = fc.oneof(
  fc.record({ event: fc.constant("blocks" as const), count: fc.integer({ min: 1, max: 15 }) }),
  fc.record({ event: fc.constant("land" as const), pick: fc.nat(5), fails: fc.boolean() }),
  fc.record({ event: fc.constant("fork" as const) }),
  fc.record({ event: fc.constant("step" as const), lag: fc.nat(30), isAvailable: fc.boolean() }),
);
const history = fc.array(event, { maxLength: 80 });

describe("one payment over a chain that forks, endpoints that lag and leaders that dawdle", () => {
  it("never has two transactions that could land", () => {
    fc.assert(
      fc.property(history, (events) => {
        const { paid, live_max } = playHistory(events, decideBroadcast);
        expect(live_max).toBeLessThanOrEqual(1);
        expect(paid).toBeLessThanOrEqual(1);
      }),
      { numRuns: 3_000 },
    );
  });

  it("would have two if an absence below the tip counted before it is final", () => {
    const hasty = fc.check(
      fc.property(history, (events) => {
        const end = playHistory(events, (last, seen, tip) =>
          seen.status === "absent" && tip > last ? { action: "expired" } : decideBroadcast(last, seen),
        );
        return end.live_max <= 1;
      }),
      { numRuns: 3_000 },
    );
    expect(hasty.failed).toBe(true);
  });

  it("would have two if no answer were taken for a failure", () => {
    const careless = fc.check(
      fc.property(history, (events) => {
        const end = playHistory(events, (last, seen) =>
          seen.status === "unavailable" ? { action: "expired" } : decideBroadcast(last, seen),
        );
        return end.live_max <= 1;
      }),
      { numRuns: 3_000 },
    );
    expect(careless.failed).toBe(true);
  });
});
