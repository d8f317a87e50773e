import fc from "fast-check";
import { expect, test } from "vitest";
import { createProgress, type JobProgress } from "./job-progress.ts";
import { chargeFor, refundFor, settle } from "./settlement.ts";
import { audited, JobStory } from "./testing/job-story.ts";
import { sampleJob } from "./testing/sample-ids.ts";
import { ann, bob, cid } from "./testing/sample-runners.ts";
import { sampleTerms } from "./testing/sample-terms.ts";

/** A finished job whose recalls have given `refund` back for these shards. */
function recalled(rows: number, shard_rows: number, shards: number[], refund: bigint): JobProgress {
  const verification = { mode: "audit", auditors: 1, audit_rows: 4, error_max: null } as const;
  const plan = { job_id: sampleJob(1), rows, shard_rows, shards: Math.ceil(rows / shard_rows), verification };
  const recall = { state: "revoked" as const, shards, refund_micro: refund.toString(), since_ms: 0 };
  return { ...createProgress(plan, 0), rows_used: rows, recall };
}

/** Two shards of ten and five rows, each audited on four: 23 rows in all. */
const whole = (): JobStory => {
  const story = new JobStory({ shards: 2, plan: audited(), runners: [ann, bob] });
  for (const shard of [0, 1]) story.commit(ann, shard, "x");
  story.checkAll(() => "x");
  return story;
};

test("a job that used what it was priced for costs its quote, and one that used less costs less", () => {
  const { progress } = whole().succeed();
  expect(progress.rows_used).toBe(23);
  expect(chargeFor(progress, sampleTerms(1_000n, { priced_rows: 23 }))).toBe(1_000n);
  expect(chargeFor(progress, sampleTerms(1_000n, { priced_rows: 20 }))).toBe(1_000n);
  expect(chargeFor(progress, sampleTerms(1_000n, { priced_rows: 46 }))).toBe(500n);
  // 1,000 x 23 / 24 is 958.3: a fraction is the client's to pay.
  expect(chargeFor(progress, sampleTerms(1_000n, { priced_rows: 24 }))).toBe(959n);
});

test("a job costs nothing while it runs, nor when it failed or expired", () => {
  const terms = sampleTerms(1_000n);
  expect(settle(whole().progress, terms)).toEqual({ charged: 0n, refunded: 0n, fee: 0n, shared: 0n });
  const error = { type: "", title: "", status: 503, detail: "", code: "deadline_exceeded", hint: "" };
  for (const kind of ["failed", "expired"] as const) {
    const story = whole();
    story.record({ kind, error: { ...error, request_id: null, retryable: true } });
    expect(chargeFor(story.progress, terms)).toBe(0n);
  }
});

test("a canceled job costs the work that was done", () => {
  const story = new JobStory({ shards: 2, runners: [ann, bob] });
  story.commit(ann, 0, "x");
  story.record({ kind: "canceled" });
  expect(chargeFor(story.progress, sampleTerms(1_500n, { priced_rows: 15 }))).toBe(1_000n);
});

test("what is computed again in a recall is not charged", () => {
  const story = new JobStory({ plan: audited(), runners: [ann, bob, cid] });
  story.commit(ann, 0, "x");
  story.checkAll(() => "x").succeed();
  const terms = sampleTerms(1_000n, { priced_rows: 100 });
  const before = chargeFor(story.progress, terms);
  story.recall(ann).checkAll(() => "x");
  expect(chargeFor(story.progress, terms)).toBe(before);
});

test("the fee is the agreed part of what stands after refunds, rounded down, and the rest is the providers'", () => {
  const progress = recalled(100, 50, [1], 500n);
  expect(settle(progress, sampleTerms(1_000n, { fee_bps: 200 }))).toEqual({
    charged: 1_000n,
    refunded: 500n,
    fee: 10n,
    shared: 490n,
  });
  expect(settle(progress, sampleTerms(599n, { fee_bps: 100 }))).toMatchObject({ fee: 0n, shared: 99n });
});

test("a wrong shard gives its rows' part of the price back", () => {
  expect(refundFor(recalled(100, 30, [], 0n), sampleTerms(1_000n), [0])).toBe(300n);
  expect(refundFor(recalled(100, 30, [], 0n), sampleTerms(1_000n), [3])).toBe(100n);
});

test("a shard that was wrong twice is paid back once", () => {
  expect(refundFor(recalled(100, 50, [1], 500n), sampleTerms(1_000n), [1])).toBe(0n);
});

test("refunds of one recall after another come to the price when all was wrong, and never to more", () => {
  const recalls = fc
    .record({
      rows: fc.integer({ min: 1, max: 500 }),
      shard_rows: fc.integer({ min: 1, max: 60 }),
      price: fc.bigInt({ min: 0n, max: 10_000n }),
    })
    .chain(({ rows, shard_rows, price }) => {
      const all = Array.from({ length: Math.ceil(rows / shard_rows) }, (_, shard) => shard);
      const order = fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
      return fc.record({
        rows: fc.constant(rows),
        shard_rows: fc.constant(shard_rows),
        price: fc.constant(price),
        order,
      });
    });
  fc.assert(
    fc.property(recalls, ({ rows, shard_rows, price, order }) => {
      const terms = sampleTerms(price);
      let given = 0n;
      for (const [n, shard] of order.entries()) {
        const refund = refundFor(recalled(rows, shard_rows, order.slice(0, n), given), terms, [shard]);
        expect(refund).toBeGreaterThanOrEqual(0n);
        given += refund;
        const { charged, refunded, fee, shared } = settle(
          recalled(rows, shard_rows, order.slice(0, n + 1), given),
          terms,
        );
        expect([charged, refunded]).toEqual([price, given]);
        expect(refunded + fee + shared).toBe(charged);
      }
      expect(given).toBe(price);
    }),
  );
});
