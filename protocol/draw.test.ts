import { Sha256 } from "@infernet/schemas/digest";
import type { Draw } from "@infernet/schemas/verification";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type DrawSubject, drawRows, drawRunners, drawValue } from "./draw.ts";
import { createDrawStream } from "./draw-stream.ts";
import { STORY_SEED } from "./testing/job-story.ts";
import { sampleJob, sampleRunner } from "./testing/sample-ids.ts";
import { ann, bob, entryOf } from "./testing/sample-runners.ts";

const subject: DrawSubject = {
  job_id: sampleJob(1),
  shard: 3,
  round: 0,
  purpose: "audit",
  of: null,
  root: Sha256.parse("ab".repeat(32)),
};
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Sha256.parse(hexOf(bytes)));
const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const fleet = (size: number, groupsOf: (n: number) => string[] = () => []) =>
  Array.from({ length: size }, (_, n) => entryOf(sampleRunner(n), { groups: groupsOf(n) }));

test("the value of a draw is the HMAC-SHA-256 of its subject in canonical JSON, as others compute it", () => {
  // printf '{"job_id":"job_001_0...01","of":null,"purpose":"audit","root":"abab...","round":0,"shard":3,
  // "type":"infernet.draw.v1"}' | openssl dgst -sha256 -mac HMAC -macopt hexkey:00...00
  const expected = "3b426228520bc038c5dec69118046b2e6c5927b5eac240e9e508a2c7afa1e0fd";
  expect(drawValue(new Uint8Array(32), subject)).toBe(expected);
});

test("the value changes with the seed and with everything that it is about", () => {
  const changed: Partial<DrawSubject & { seed: Uint8Array }>[] = [
    { seed: new Uint8Array(32) },
    { job_id: sampleJob(2) },
    { shard: 4 },
    { round: 1 },
    { purpose: "referee" },
    { of: ann },
    { root: Sha256.parse("ac".repeat(32)) },
  ];
  const values = changed.map(({ seed = STORY_SEED, ...rest }) => drawValue(seed, { ...subject, ...rest }));
  expect(new Set([drawValue(STORY_SEED, subject), ...values]).size).toBe(changed.length + 1);
});

test("whoever has the value draws the same runners and rows again", () => {
  const eligible = fleet(50);
  fc.assert(
    fc.property(hash, fc.integer({ min: 0, max: 20 }), (value, count) => {
      expect(drawRunners(value, eligible, count)).toEqual(drawRunners(value, [...eligible], count));
      expect(drawRows(value, ann, 100, count)).toEqual(drawRows(value, ann, 100, count));
    }),
  );
});

test("nobody is drawn twice, and no two of one group", () => {
  const groups = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 2 });
  const eligible = fc
    .array(groups, { minLength: 1, maxLength: 30 })
    .map((of) => of.map((groups, n) => entryOf(sampleRunner(n), { groups, weight: 1 + (n % 7) })));
  fc.assert(
    fc.property(hash, eligible, fc.integer({ min: 1, max: 10 }), (value, entries, count) => {
      const drawn = drawRunners(value, entries, count);
      expect(new Set(drawn).size).toBe(drawn.length);
      const tags = drawn.flatMap((id) => entries.find((entry) => entry.id === id)?.groups ?? []);
      const own = drawn.map((id) => new Set(entries.find((entry) => entry.id === id)?.groups));
      expect(new Set(tags).size).toBe(own.reduce((sum, { size }) => sum + size, 0));
      const left = entries.filter(
        ({ id, groups }) => !drawn.includes(id) && !groups.some((group) => tags.includes(group)),
      );
      expect(drawn.length === count || left.length === 0).toBe(true);
    }),
  );
});

test("how often a runner is drawn follows its weight and nothing else", () => {
  const weights = [1, 2, 3, 6];
  const eligible = weights.map((weight, n) => entryOf(sampleRunner(n), { weight, passed: 1_000 * n }));
  const counts = new Map<string, number>();
  const draws = 6_000;
  for (let round = 0; round < draws; round += 1) {
    const [drawn = ""] = drawRunners(drawValue(STORY_SEED, { ...subject, round }), eligible, 1);
    counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
  }
  for (const { id, weight } of eligible) {
    const share = weight / 12;
    const sigma = Math.sqrt(draws * share * (1 - share));
    expect(Math.abs((counts.get(id) ?? 0) - draws * share)).toBeLessThan(5 * sigma);
  }
});

test("a runner's good name makes it neither likelier nor less likely to be drawn", () => {
  const value = drawValue(STORY_SEED, subject);
  const known = fleet(20).map((entry) => ({ ...entry, passed: 100_000 }));
  const unknown = fleet(20).map((entry) => ({ ...entry, passed: 0 }));
  expect(drawRunners(value, known, 5)).toEqual(drawRunners(value, unknown, 5));
});

test("rows are so many different ones of the shard, ascending; all of them when more are asked for", () => {
  fc.assert(
    fc.property(
      hash,
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 0, max: 400 }),
      (value, rows, count) => {
        const drawn = drawRows(value, ann, rows, count);
        expect(drawn).toHaveLength(Math.min(rows, count));
        expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
        for (const row of drawn) expect(row).toBeLessThan(rows);
      },
    ),
  );
});

test("every row is as likely to be checked, and two auditors check different ones", () => {
  const counts = Array.from({ length: 10 }, () => 0);
  let same = 0;
  const draws = 3_000;
  for (let round = 0; round < draws; round += 1) {
    const value = drawValue(STORY_SEED, { ...subject, round });
    const rows = drawRows(value, ann, 10, 2);
    for (const row of rows) counts[row] = (counts[row] ?? 0) + 1;
    if (rows.join() === drawRows(value, bob, 10, 2).join()) same += 1;
  }
  const sigma = Math.sqrt(draws * 0.2 * 0.8);
  for (const count of counts) expect(Math.abs(count - draws * 0.2)).toBeLessThan(5 * sigma);
  expect(same / draws).toBeLessThan(0.05);
});

test("a stream gives numbers below the bound, as often the one as the other", () => {
  const stream = createDrawStream(drawValue(STORY_SEED, subject), "test");
  const counts = [0, 0, 0];
  for (let n = 0; n < 30_000; n += 1) {
    const at = stream.below(3);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  expect(counts).toHaveLength(3);
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(30_000 * (2 / 9)));
});

test("streams under different labels have nothing in common", () => {
  const value = drawValue(STORY_SEED, subject);
  const numbers = (label: Draw["purpose"]): number[] => {
    const stream = createDrawStream(value, label);
    return Array.from({ length: 8 }, () => stream.below(2 ** 32));
  };
  expect(numbers("audit").some((one) => numbers("referee").includes(one))).toBe(false);
});
