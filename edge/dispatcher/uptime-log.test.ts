import { ann, bob } from "@infernet/protocol/testing/sample-runners";
import { ReputationEvent } from "@infernet/schemas/provider";
import { expect, test } from "vitest";
import { UptimeLog } from "./uptime-log.ts";

const MINUTE = 60_000;

/** Sees a runner at each of the given minutes; the events that came of it. */
function watch(log: UptimeLog, minutes: number[]): ReputationEvent[] {
  return minutes.flatMap((minute) => log.see(ann, minute * MINUTE) ?? []);
}
const span = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);

test("ten minutes without a silence are one event", () => {
  const [event, ...more] = watch(new UptimeLog(), span(0, 10));
  expect(more).toEqual([]);
  const times = { from_ms: 0, to_ms: 10 * MINUTE, at_ms: 10 * MINUTE };
  expect(event).toEqual({ kind: "uptime", id: "uptime_0", ...times });
  expect(ReputationEvent.parse(event)).toEqual(event);
});

test("spans follow each other without gap or overlap, each with its own id", () => {
  const events = watch(new UptimeLog(), span(0, 30));
  expect(events.map((event) => event.id)).toEqual(["uptime_0", "uptime_600000", "uptime_1200000"]);
});

test("a silence of up to two minutes does not break a span, a longer one starts it anew", () => {
  expect(watch(new UptimeLog(), [0, 2, 4, 6, 8, 10])).toHaveLength(1);
  expect(watch(new UptimeLog(), [0, 2, 4, 7, 9, 11, 13, 15])).toEqual([]);
});

test("each runner has its own span", () => {
  const log = new UptimeLog();
  log.see(bob, 0);
  expect(watch(log, span(5, 15))).toHaveLength(1);
});
