import { formatRunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { classLabel, modelLabel } from "@infernet/schemas/peer/discovery-label";
import type { PeerRecord, SignedPeerRecord } from "@infernet/schemas/peer/peer-record";
import { samplePeerRecord } from "@infernet/schemas/testing/sample-peer-record";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RecordShelf } from "./record-shelf.ts";

const NOW = 1_000_000;
const runnerOf = (n: number) => formatRunnerId(new Uint8Array(32).fill(n));
const signed = (n: number, changes: Partial<PeerRecord> = {}, bytes = 100): SignedPeerRecord => ({
  record: samplePeerRecord({ runner: runnerOf(n), ...changes }),
  bytes: new Uint8Array(bytes),
});
const limits = { records_max: 3, bytes_max: 1_000, sequences_max: 5 };

test("a record is found under each of its labels, once, until it expires", () => {
  const shelf = new RecordShelf();
  shelf.put(signed(1), NOW);
  const labels = [
    classLabel("onnx", 24),
    classLabel("any", 24),
    modelLabel(samplePeerRecord().models[0] ?? fail()),
  ];
  expect(shelf.find(labels, NOW)).toHaveLength(1);
  expect(shelf.find([classLabel("onnx", 12)], NOW)).toEqual([]);
  expect(shelf.find(labels, 2_800_000)).toEqual([]);
  expect([shelf.size, shelf.bytes]).toEqual([0, 0]);
});

test("an old record never replaces a newer one, and does not come back when that has expired", () => {
  const shelf = new RecordShelf();
  const lasting = signed(1, { sequence: 1, expires_ms: NOW + 10_000_000 });
  const newer = signed(1, { sequence: 2, expires_ms: NOW + 1_000 });
  expect([shelf.put(lasting, NOW), shelf.put(newer, NOW), shelf.put(lasting, NOW)]).toEqual([
    "kept",
    "kept",
    "stale",
  ]);
  expect(shelf.put(newer, NOW)).toBe("known");
  expect(shelf.get(runnerOf(1), NOW + 1_000)).toBeNull();
  expect(shelf.put(lasting, NOW + 2_000)).toBe("stale");
});

test("a record that was only seen is not handed on, and ends the older one that was", () => {
  const shelf = new RecordShelf();
  shelf.put(signed(1, { sequence: 1 }), NOW);
  expect(shelf.note(signed(1, { sequence: 3 }), NOW)).toBe("kept");
  expect(shelf.get(runnerOf(1), NOW)).toBeNull();
  expect(shelf.put(signed(1, { sequence: 2 }), NOW)).toBe("stale");
  expect(shelf.put(signed(1, { sequence: 3 }), NOW)).toBe("kept");
});

test("a newer record takes the old one's place under other labels", () => {
  const shelf = new RecordShelf();
  shelf.put(signed(1), NOW);
  shelf.put(signed(1, { sequence: NOW + 1, models: [] }), NOW);
  expect(shelf.find([modelLabel(samplePeerRecord().models[0] ?? fail())], NOW)).toEqual([]);
  expect(shelf.size).toBe(1);
});

test("what is put down when there is no room takes the place of the oldest", () => {
  const shelf = new RecordShelf(limits);
  for (const n of [1, 2, 3, 4]) shelf.put(signed(n), NOW);
  expect([1, 2, 3, 4].map((n) => shelf.get(runnerOf(n), NOW) !== null)).toEqual([false, true, true, true]);
  shelf.put(signed(5, {}, 950), NOW);
  expect([shelf.size, shelf.bytes]).toEqual([1, 950]);
  // A record that was crowded out may come again.
  expect(shelf.put(signed(4), NOW)).toBe("kept");
});

test("a sequence number is forgotten when nothing made before it can hold", () => {
  const shelf = new RecordShelf();
  shelf.put(signed(1, { sequence: 9 }), NOW);
  const later_ms = NOW + LIMITS.peer_record_ms_max + LIMITS.peer_clock_skew_ms_max;
  shelf.put(signed(2, { expires_ms: later_ms + 1_000 }), later_ms);
  expect(shelf.put(signed(1, { sequence: 8, expires_ms: later_ms + 1_000 }), later_ms)).toBe("kept");
});

test("whatever comes in whatever order, the limits hold and no peer's number goes back", () => {
  const step = fc.record({
    n: fc.integer({ min: 1, max: 8 }),
    sequence: fc.integer({ min: 1, max: 5 }),
    bytes: fc.integer({ min: 1, max: 600 }),
    expires_ms: fc.integer({ min: NOW - 1, max: NOW + 50 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const shelf = new RecordShelf({ ...limits, sequences_max: 100 });
      const highest = new Map<number, number>();
      for (const [i, { n, sequence, bytes, expires_ms }] of steps.entries()) {
        const verdict = shelf.put(signed(n, { sequence, expires_ms }, bytes), NOW + i);
        if (verdict === "kept") {
          expect(sequence).toBeGreaterThanOrEqual(highest.get(n) ?? 0);
          highest.set(n, sequence);
        }
        expect(shelf.size).toBeLessThanOrEqual(limits.records_max);
        expect(shelf.bytes).toBeLessThanOrEqual(limits.bytes_max);
        for (const { record } of shelf.find([classLabel("any", 24)], NOW + i))
          expect(record.expires_ms).toBeGreaterThan(NOW + i);
      }
    }),
  );
});

function fail(): never {
  throw new Error("the sample has a model");
}
