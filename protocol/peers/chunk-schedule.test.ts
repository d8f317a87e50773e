import { LIMITS } from "@infernet/schemas/limits";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { expect, it } from "vitest";
import { type ChunkSource, decideChunkQuestions } from "./chunk-schedule.ts";

type Fields = Partial<Omit<ChunkSource<string>, "peer" | "has">>;

const source = (
  peer: string,
  chunks: "all" | readonly number[],
  fields: Fields = {},
): ChunkSource<string> => ({
  peer,
  has: (index) => chunks === "all" || chunks.includes(index),
  in_flight: [],
  good: 4,
  bytes_per_ms: 50_000,
  latency_ms: 1,
  ...fields,
});
const ask = (sources: ChunkSource<string>[], missing: number[], now_ms = 0) =>
  decideChunkQuestions({ missing, sources, now_ms, chunk_bytes: LIMITS.blob_chunk_bytes }, () => 0);
const flight = (index: number, asked_ms = 0) => ({ index, asked_ms });

it("asks a new peer for one chunk, and for more as it has sent good ones", () => {
  for (const [good, window] of [
    [0, 1],
    [1, 2],
    [2, 3],
    [9, LIMITS.blob_window_chunks_max],
  ] as const)
    expect(ask([source("a", "all", { good })], [0, 1, 2, 3, 4, 5])).toHaveLength(window);
});

it("asks for the rarest chunk first, and in order where all have all", () => {
  const one = { good: 0 };
  expect(ask([source("a", [0, 1, 2], one), source("b", [0, 1], one)], [0, 1, 2])).toContainEqual({
    peer: "a",
    index: 2,
  });
  expect(ask([source("a", "all", one), source("b", "all", one)], [3, 4, 5])).toEqual([
    { peer: "a", index: 3 },
    { peer: "b", index: 4 },
  ]);
});

it("leaves a far peer alone when the near ones are through sooner, and takes its help when they are not", () => {
  const near = source("near", "all");
  const far = source("far", "all", { bytes_per_ms: 5_000, latency_ms: 80 });
  expect(ask([near, far], [0, 1, 2]).some(({ peer }) => peer === "far")).toBe(false);
  const many = Array.from({ length: 60 }, (_, index) => index);
  expect(ask([near, far], many).some(({ peer }) => peer === "far")).toBe(true);
  expect(ask([source("near", [0]), far], [0, 1])).toContainEqual({ peer: "far", index: 1 });
});

it("asks a peer with nothing to do for a chunk that is late, and a third only when that one is late too", () => {
  const slow = source("slow", "all", { in_flight: [flight(0)], good: 0 });
  const late_ms = LIMITS.blob_hedge_ms_min + 1;
  expect(ask([slow, source("b", "all")], [0], late_ms - 2)).toEqual([]);
  expect(ask([slow, source("b", "all")], [0], late_ms)).toEqual([{ peer: "b", index: 0 }]);
  const helper = source("b", "all", { in_flight: [flight(0, late_ms)] });
  expect(ask([slow, helper, source("c", "all")], [0], late_ms + 1)).toEqual([]);
  expect(ask([slow, helper, source("c", "all")], [0], 2 * late_ms + 1)).toEqual([{ peer: "c", index: 0 }]);
});

/** One transfer in virtual time: how long it took, and how often each peer was asked. */
function simulate(seed: number) {
  const random = seededRandom(seed);
  const count = 1 + Math.floor(random() * 60);
  const all = Array.from({ length: count }, (_, index) => index);
  const peers = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, n) => ({
    name: `p${n}`,
    chunks: random() < 0.4 ? all : all.filter(() => random() < 0.5),
    bytes_per_ms: 1_000 + random() * 90_000,
    latency_ms: random() * 100,
    // Never answers, or sends one wrong chunk and is left.
    fault: (["none", "none", "stalls", "lies"] as const)[Math.floor(random() * 4)] ?? "none",
    good: 0,
    measured: null as number | null,
    free_ms: 0,
    isLeft: false,
    flights: [] as { index: number; asked_ms: number; done_ms: number }[],
  }));
  // Somebody honest has all of it.
  const whole = {
    ...peers[0],
    name: "whole",
    chunks: all,
    fault: "none" as const,
    bytes_per_ms: 10_000,
    latency_ms: 20,
    good: 0,
    measured: null,
    free_ms: 0,
    isLeft: false,
    flights: [],
  };
  peers.push(whole);
  const missing = new Set(all);
  const asked: string[] = [];
  let now_ms = 0;
  for (let turns = 0; missing.size > 0 && turns < 10_000; turns++) {
    const questions = decideChunkQuestions(
      {
        missing: [...missing],
        sources: peers
          .filter(({ isLeft }) => !isLeft)
          .map(({ name, chunks, good, measured, latency_ms, flights }) => ({
            ...{ peer: name, good, bytes_per_ms: measured, latency_ms, in_flight: flights },
            has: (index: number) => chunks.includes(index),
          })),
        ...{ now_ms, chunk_bytes: LIMITS.blob_chunk_bytes },
      },
      random,
    );
    for (const { peer, index } of questions) {
      const one = peers.find(({ name }) => name === peer);
      if (one === undefined) throw new Error(`asks ${peer}, which is nobody`);
      expect(one.chunks).toContain(index);
      expect(one.flights.some((flight) => flight.index === index)).toBe(false);
      one.free_ms =
        Math.max(one.free_ms, now_ms + one.latency_ms) + LIMITS.blob_chunk_bytes / one.bytes_per_ms;
      const done_ms = one.fault === "stalls" ? Number.POSITIVE_INFINITY : one.free_ms;
      one.flights.push({ index, asked_ms: now_ms, done_ms });
      asked.push(`${index}`);
      expect(one.flights.length).toBeLessThanOrEqual(Math.min(LIMITS.blob_window_chunks_max, 1 + one.good));
    }
    const next_ms = Math.min(
      ...peers.flatMap(({ flights }) => flights.map(({ done_ms }) => done_ms)),
      now_ms + 100,
    );
    now_ms = Math.max(now_ms, next_ms);
    for (const one of peers) {
      const arrived = one.flights.filter(({ done_ms }) => done_ms <= now_ms);
      one.flights = one.flights.filter(({ done_ms }) => done_ms > now_ms);
      if (arrived.length > 0 && one.fault === "lies") {
        one.isLeft = true;
        one.flights = [];
        continue;
      }
      for (const { index } of arrived) {
        missing.delete(index);
        one.good += 1;
        one.measured = one.bytes_per_ms;
      }
    }
  }
  const least_ms = (count * LIMITS.blob_chunk_bytes) / whole.bytes_per_ms;
  return { left: missing.size, asked: asked.length, count, peers: peers.length, now_ms, least_ms };
}

it("brings every chunk whatever peers do, asks for few of them twice, and takes little longer than the one good peer alone", () => {
  const seeds = Date.now() % 1_000_000;
  for (let seed = seeds; seed < seeds + 300; seed++) {
    const { left, asked, count, peers, now_ms, least_ms } = simulate(seed);
    expect(left, `seed ${seed}`).toBe(0);
    expect(asked, `seed ${seed}`).toBeLessThanOrEqual(count + 2 * peers + count);
    expect(now_ms, `seed ${seed}`).toBeLessThanOrEqual(1.5 * least_ms + 8_000);
  }
});
