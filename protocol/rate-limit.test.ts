import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bucket, fullBucket, type RatePolicy, takeToken } from "./rate-limit.ts";

const policy: RatePolicy = { quota: 60, window_ms: 60_000 };

function takeMany(
  bucket: Bucket,
  times: readonly number[],
  rule: RatePolicy,
): { bucket: Bucket; allowed: number } {
  let allowed = 0;
  let current = bucket;
  for (const time of times) {
    const decision = takeToken(current, time, rule);
    current = decision.bucket;
    if (decision.allowed) allowed += 1;
  }
  return { bucket: current, allowed };
}

test("a full bucket allows the quota at once and then refuses", () => {
  const { bucket, allowed } = takeMany(fullBucket(policy, 0), Array(60).fill(0), policy);
  expect(allowed).toBe(60);
  expect(takeToken(bucket, 0, policy)).toMatchObject({ allowed: false, remaining: 0, reset_seconds: 1 });
});

test("a refused request is allowed once the seconds it was told have passed", () => {
  const start = fc.record({ tokens: fc.double({ min: 0, max: 0.999, noNaN: true }), at_ms: fc.constant(0) });
  const rule = fc.record({
    quota: fc.integer({ min: 1, max: 10_000 }),
    window_ms: fc.integer({ min: 1_000, max: 3_600_000 }),
  });
  fc.assert(
    fc.property(start, rule, (bucket, limit) => {
      const refused = takeToken(bucket, 0, limit);
      expect(refused.allowed).toBe(false);
      expect(takeToken(refused.bucket, refused.reset_seconds * 1_000 + 1, limit).allowed).toBe(true);
    }),
  );
});

test("no pattern of requests gets more than the quota and what the time brings back", () => {
  const times = fc
    .array(fc.nat({ max: 120_000 }), { maxLength: 300 })
    .map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(times, (list) => {
      const { allowed } = takeMany(fullBucket(policy, 0), list, policy);
      expect(allowed).toBeLessThanOrEqual(60 + (list.at(-1) ?? 0) / 1_000);
    }),
  );
});

test("a clock that goes back brings no tokens, twice over", () => {
  const empty: Bucket = { tokens: 0, at_ms: 10_000 };
  const { bucket, allowed } = takeMany(empty, [0, 10_000, 0, 10_000], policy);
  expect(allowed).toBe(0);
  expect(bucket).toEqual(empty);
});
