import { env } from "cloudflare:workers";
import { sampleRunner } from "@infernet/protocol/testing/sample-ids";
import { expect, test } from "vitest";
import { bucketOf, listBuckets, shuffled } from "./buckets.ts";

const withBuckets = (count: string): Env => ({ ...env, DISPATCH_BUCKETS: count });

test("a runner is always sent to the same one of the dispatchers, and all of them get some", () => {
  const four = withBuckets("4");
  const all = listBuckets(four).map((bucket) => bucket.name);
  expect(all).toEqual(["bucket-0", "bucket-1", "bucket-2", "bucket-3"]);
  const chosen = Array.from({ length: 200 }, (_, n) => bucketOf(four, sampleRunner(n)).name);
  expect(new Set(chosen)).toEqual(new Set(all));
  expect(bucketOf(four, sampleRunner(7)).name).toBe(chosen[7]);
});

test.each(["", "0", "-3", "many"])("a number of dispatchers of %j means one", (count) => {
  expect(listBuckets(withBuckets(count))).toHaveLength(1);
});

test("shuffling keeps every item, and every order can come of it", () => {
  const orders = new Set<string>();
  for (const a of [0, 0.4, 0.9]) {
    for (const b of [0, 0.9]) {
      const numbers = [a, b];
      orders.add(shuffled([1, 2, 3], () => numbers.shift() ?? 0).join());
    }
  }
  expect(orders).toEqual(new Set(["1,2,3", "1,3,2", "2,1,3", "2,3,1", "3,1,2", "3,2,1"]));
});
