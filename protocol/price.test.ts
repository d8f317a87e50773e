import type { ModelWork } from "@infernet/schemas/work";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PRICE_FORMULA, pricedOperations, pricedRows, quotePrice } from "./price.ts";

/** A reference core does 50 x 10^9 operations in a second: these rows take it a second each. */
const SECOND = 50_000_000_000n;
const OPERATIONS_PER_CORE_HOUR = 180_000_000_000_000n;
const job = {
  priced_rows: 3_600,
  operations_per_row: SECOND,
  micro_per_core_hour: 50_000n,
  micro_per_job: 0n,
};
const GLYPHS: ModelWork = { kind: "counted", operations_per_row: "3201795", parameters: "116739" };

const rows = fc.integer({ min: 1, max: 1_000_000 });
const operations = fc.bigInt({ min: 1n, max: 10n ** 15n });

test("an hour of one core costs the hourly rate, and checks cost what they compute", () => {
  expect(quotePrice(job)).toBe(50_000n);
  expect(quotePrice({ ...job, priced_rows: pricedRows(3_600, 1.2) })).toBe(60_000n);
  expect(quotePrice({ ...job, priced_rows: pricedRows(3_600, 2) })).toBe(100_000n);
});

test("2,000 rows of a small network cost what they did by the time it takes, at the default rate and at a thousandfold", () => {
  const priced_rows = pricedRows(2_000, 1.1);
  const at = (work: ModelWork, micro_per_core_hour: bigint) =>
    quotePrice({ ...job, priced_rows, micro_per_core_hour, operations_per_row: pricedOperations(work, 60) });
  const declared: ModelWork = { kind: "declared", reason: "" };
  expect([at(declared, 50_000n), at(GLYPHS, 50_000n)]).toEqual([2n, 2n]);
  expect([at(declared, 50_000_000n), at(GLYPHS, 50_000_000n)]).toEqual([1_834n, 1_957n]);
});

test("counted work is priced as counted, whatever time is declared", () => {
  for (const row_cost_us of [1, 60, 3_600_000_000])
    expect(pricedOperations(GLYPHS, row_cost_us)).toBe(3_201_795n);
});

test("declared time is worth what a reference core does in it", () => {
  const declared: ModelWork = { kind: "declared", reason: "" };
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 3_600_000_000 }), (priced_rows, row_cost_us) => {
      const operations_per_row = pricedOperations(declared, row_cost_us);
      const core_us = BigInt(priced_rows) * BigInt(row_cost_us);
      const exact = (core_us * job.micro_per_core_hour + 3_599_999_999n) / 3_600_000_000n;
      expect(quotePrice({ ...job, priced_rows, operations_per_row })).toBe(exact);
    }),
  );
});

test("a fraction of a micro-unit is rounded up, so that work is never free", () => {
  expect(quotePrice({ ...job, priced_rows: 1, operations_per_row: 1n })).toBe(1n);
  expect(pricedOperations({ kind: "counted", operations_per_row: "0", parameters: "0" }, 1)).toBe(1n);
  expect(quotePrice({ ...job, micro_per_core_hour: 0n })).toBe(0n);
});

test("the price of a job is added once", () => {
  const priced = { ...job, micro_per_job: 700n };
  expect(quotePrice(priced)).toBe(50_700n);
  expect(quotePrice({ ...priced, priced_rows: 1, operations_per_row: 1n })).toBe(701n);
  expect(quotePrice({ ...priced, micro_per_core_hour: 0n })).toBe(700n);
});

test("rounding is done once: the price is less than one micro-unit above the exact one", () => {
  fc.assert(
    fc.property(rows, operations, (priced_rows, operations_per_row) => {
      const excess =
        quotePrice({ ...job, priced_rows, operations_per_row }) * OPERATIONS_PER_CORE_HOUR -
        BigInt(priced_rows) * operations_per_row * job.micro_per_core_hour;
      expect(excess).toBeGreaterThanOrEqual(0n);
      expect(excess).toBeLessThan(OPERATIONS_PER_CORE_HOUR);
    }),
  );
});

test("more rows never cost less, and neither do more operations", () => {
  fc.assert(
    fc.property(rows, operations, (priced_rows, operations_per_row) => {
      const price = quotePrice({ ...job, priced_rows, operations_per_row });
      const more = { ...job, priced_rows: priced_rows + 1, operations_per_row };
      expect(quotePrice(more)).toBeGreaterThanOrEqual(price);
      const heavier = { ...job, priced_rows, operations_per_row: operations_per_row + 1n };
      expect(quotePrice(heavier)).toBeGreaterThanOrEqual(price);
    }),
  );
});

test("rows cost the same in one job as in several, but for rounding", () => {
  fc.assert(
    fc.property(rows, rows, operations, (a, b, operations_per_row) => {
      const price = (priced_rows: number) => quotePrice({ ...job, priced_rows, operations_per_row });
      expect(price(a + b)).toBeLessThanOrEqual(price(a) + price(b));
      expect(price(a + b)).toBeGreaterThanOrEqual(price(a) + price(b) - 1n);
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

test("a price beyond what an amount can be is refused", () => {
  expect(() => quotePrice({ ...job, priced_rows: 1_000_000, operations_per_row: 10n ** 23n })).toThrow(
    expect.objectContaining({ code: "too_many_rows" }),
  );
});

test("the formula names the number that the price is made with", () => {
  expect(PRICE_FORMULA).toContain(" / 180,000,000,000,000, rounded up, ");
});
