import { LIMITS } from "@infernet/schemas/limits";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseShardRows, shardCount, shardRange } from "./split.ts";

const choice = fc.record({
  rows: fc.integer({ min: 1, max: LIMITS.rows_per_job_max }),
  row_cost_us: fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 3_600_000_000 })),
  runners: fc.integer({ min: 0, max: 2_000 }),
  replicas: fc.integer({ min: 1, max: LIMITS.replicas_max }),
  asked: fc.constant(null),
});

test("shards hold every row once, in order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 6_000 }), (rows, shardRows) => {
      let next = 0;
      for (let shard = 0; shard < shardCount(rows, shardRows); shard++) {
        const { start, count } = shardRange(rows, shardRows, shard);
        expect(start).toBe(next);
        expect(count).toBeGreaterThan(0);
        next += count;
      }
      expect(next).toBe(rows);
      expect(() => shardRange(rows, shardRows, shardCount(rows, shardRows))).toThrow(RangeError);
    }),
  );
});

test("no choice makes more shards than a job may have, or a shard not worth a lease", () => {
  fc.assert(
    fc.property(choice, (c) => {
      const shardRows = chooseShardRows(c);
      const shards = shardCount(c.rows, shardRows);
      expect(shardRows).toBeGreaterThanOrEqual(1);
      expect(shards).toBeLessThanOrEqual(LIMITS.shards_per_job_max);
      if (shards > 1) expect(shardRows * c.row_cost_us).toBeGreaterThanOrEqual(LIMITS.shard_ms_min * 1_000);
    }),
  );
});

test("a long job is cut into shards of the target time", () => {
  expect(chooseShardRows({ rows: 10_000, row_cost_us: 5_000, runners: 4, replicas: 1, asked: null })).toBe(
    100,
  );
});

test("a short job gives every runner about four shards", () => {
  const short = { rows: 1_600, row_cost_us: 1_000, asked: null };
  expect(chooseShardRows({ ...short, runners: 4, replicas: 1 })).toBe(100);
  expect(chooseShardRows({ ...short, runners: 4, replicas: 2 })).toBe(200);
});

test("a tiny job is one shard", () => {
  expect(chooseShardRows({ rows: 100, row_cost_us: 60, runners: 50, replicas: 2, asked: null })).toBe(100);
});

test("what the client asks for wins, unless it makes too many shards", () => {
  const job = { rows: 10_000, row_cost_us: 1, runners: 1, replicas: 2 };
  expect(chooseShardRows({ ...job, asked: 7 })).toBe(7);
  expect(chooseShardRows({ ...job, asked: 50_000 })).toBe(10_000);
  expect(() => chooseShardRows({ ...job, asked: 2 })).toThrow(/5000 shards.*4096.*3 rows/);
});
