import { expect, it } from "vitest";
import { batchFee, feeCap } from "./batch-fee.ts";
import { splitFee } from "./split-fee.ts";

it("a fee is what the payouts owe, bounded by what the place lets be taken beside them", () => {
  const fee = { due: 20n, collected: 0n, shared: 980n, fee_bps_max: 200 };
  expect(batchFee(fee)).toBe(20n);
  expect(batchFee({ ...fee, shared: 979n })).toBe(19n);
  expect(batchFee({ ...fee, fee_bps_max: 0 })).toBe(0n);
  expect(batchFee({ ...fee, shared: 1n, fee_bps_max: null })).toBe(20n);
});

it("what was collected ahead is not asked for again", () => {
  const fee = { due: 20n, shared: 10_000n, fee_bps_max: 200 };
  expect(batchFee({ ...fee, collected: 5n })).toBe(15n);
  expect(batchFee({ ...fee, collected: 25n })).toBe(0n);
});

it("the largest fee is at most its part of all that is paid out, and one more would not be", () => {
  for (const shared of [1n, 49n, 9_800n, 1_234_567n, 2n ** 53n - 1n])
    for (const bps of [1, 50, 199, 200]) {
      const most = feeCap(shared, bps);
      expect(most * 10_000n).toBeLessThanOrEqual((shared + most) * BigInt(bps));
      expect((most + 1n) * 10_000n).toBeGreaterThan((shared + most + 1n) * BigInt(bps));
    }
});

it("payouts earn their fees in their order, as far as what was collected reaches", () => {
  expect(splitFee([10n, 20n, 30n], 25n)).toEqual([10n, 15n, 0n]);
  expect(splitFee([10n, 20n], 100n)).toEqual([10n, 20n]);
  expect(splitFee([], 7n)).toEqual([]);
});
