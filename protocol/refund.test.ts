import fc from "fast-check";
import { expect, test } from "vitest";
import { createProgress, type JobProgress } from "./job-progress.ts";
import { payable, refundFor } from "./refund.ts";
import { sampleJob } from "./testing/sample-ids.ts";

/** A finished job whose recalls have given `refund` back for these shards. */
function recalled(rows: number, shard_rows: number, shards: number[], refund: bigint): JobProgress {
  const verification = { mode: "audit", auditors: 1, audit_rows: 4, error_max: null } as const;
  const plan = { job_id: sampleJob(1), rows, shard_rows, shards: Math.ceil(rows / shard_rows), verification };
  const recall = { state: "revoked" as const, shards, refund_micro: refund.toString(), since_ms: 0 };
  return { ...createProgress(plan, 0), recall };
}

test("a wrong shard gives its rows' part of the price back", () => {
  expect(refundFor(recalled(100, 30, [], 0n), 1_000n, [0])).toBe(300n);
  expect(refundFor(recalled(100, 30, [], 0n), 1_000n, [3])).toBe(100n);
});

test("a shard that was wrong twice is paid back once", () => {
  expect(refundFor(recalled(100, 50, [1], 500n), 1_000n, [1])).toBe(0n);
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
      let given = 0n;
      for (const [n, shard] of order.entries()) {
        const before = recalled(rows, shard_rows, order.slice(0, n), given);
        const refund = refundFor(before, price, [shard]);
        expect(refund).toBeGreaterThanOrEqual(0n);
        given += refund;
        expect(payable(recalled(rows, shard_rows, order.slice(0, n + 1), given), price)).toBe(price - given);
      }
      expect(given).toBe(price);
    }),
  );
});
