import fc from "fast-check";
import { expect, test } from "vitest";
import { pricedRows, quotePrice } from "./price.ts";

const job = { priced_rows: 3_600, row_cost_us: 1_000_000, micro_per_core_hour: 50_000n };

test("an hour of one core costs the hourly rate, and checks cost what they compute", () => {
  expect(quotePrice(job)).toBe(50_000n);
  expect(quotePrice({ ...job, priced_rows: pricedRows(3_600, 1.2) })).toBe(60_000n);
  expect(quotePrice({ ...job, priced_rows: pricedRows(3_600, 2) })).toBe(100_000n);
});

test("a fraction of a micro-unit is rounded up, so that work is never free", () => {
  expect(quotePrice({ ...job, priced_rows: 1, row_cost_us: 1 })).toBe(1n);
  expect(quotePrice({ ...job, micro_per_core_hour: 0n })).toBe(0n);
});

test("more rows never cost less, and the price is within one micro-unit of the exact one", () => {
  const rows = fc.integer({ min: 1, max: 1_000_000 });
  const cost = fc.integer({ min: 1, max: 3_600_000_000 });
  fc.assert(
    fc.property(rows, cost, (priced_rows, row_cost_us) => {
      const price = quotePrice({ ...job, priced_rows, row_cost_us });
      expect(quotePrice({ ...job, priced_rows: priced_rows + 1, row_cost_us })).toBeGreaterThanOrEqual(price);
      const exact = BigInt(priced_rows) * BigInt(row_cost_us) * job.micro_per_core_hour;
      expect(price * 3_600_000_000n - exact).toBeGreaterThanOrEqual(0n);
      expect(price * 3_600_000_000n - exact).toBeLessThan(3_600_000_000n);
    }),
  );
});

test("more checks never cost less", () => {
  const factor = fc.double({ min: 1, max: 12, noNaN: true });
  fc.assert(
    fc.property(factor, factor, (a, b) => {
      const cheaper = quotePrice({ ...job, priced_rows: pricedRows(3_600, Math.min(a, b)) });
      expect(quotePrice({ ...job, priced_rows: pricedRows(3_600, Math.max(a, b)) })).toBeGreaterThanOrEqual(
        cheaper,
      );
    }),
  );
});
