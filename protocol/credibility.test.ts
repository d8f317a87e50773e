import { LIMITS } from "@infernet/schemas/limits";
import fc from "fast-check";
import { expect, test } from "vitest";
import { auditsNeeded, credibility, groupError, isNew, stealthBound } from "./credibility.ts";

const passed = fc.integer({ min: 0, max: 1_000_000 });
const error = fc.double({ min: 1e-9, max: 1, noNaN: true, minExcluded: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });

test("an unknown provider is as credible as the network, and one with k passed checks as Sarmenta says", () => {
  expect(credibility(0)).toBe(0.7);
  expect(credibility(1)).toBeCloseTo(1 - 0.3 / (0.7 * Math.E), 12);
  expect(credibility(100)).toBeCloseTo(0.998423, 6);
});

test("credibility grows with every check passed, and never reaches certainty", () => {
  fc.assert(
    fc.property(passed, passed, (a, b) => {
      expect(credibility(Math.max(a, b))).toBeGreaterThanOrEqual(credibility(Math.min(a, b)));
      expect(credibility(a)).toBeGreaterThanOrEqual(0.7);
      expect(credibility(a)).toBeLessThan(1);
    }),
  );
});

test("the error of a group falls with every agreeing check by the liars' share alone, whoever makes it", () => {
  fc.assert(
    fc.property(share, fc.nat({ max: 10 }), (cr, checks) => {
      expect(groupError(cr, checks + 1)).toBeCloseTo(groupError(cr, checks) * 0.3, 12);
      expect(groupError(cr, 0)).toBe(1 - cr);
    }),
  );
  expect(groupError(0, 2)).toBeCloseTo(0.09, 12);
});

test("the audits that an answer needs are the least that bring its error within the bound", () => {
  fc.assert(
    fc.property(passed, error, (k, bound) => {
      const cr = credibility(k);
      const needed = auditsNeeded(cr, bound);
      expect(needed).toBeLessThanOrEqual(LIMITS.auditors_max);
      if (needed < LIMITS.auditors_max)
        expect(groupError(cr, needed)).toBeLessThanOrEqual(bound * (1 + 1e-8));
      if (needed > 0) expect(groupError(cr, needed - 1)).toBeGreaterThan(bound * (1 - 1e-8));
    }),
  );
});

test("more checks passed never call for more audits, and a wider bound never either", () => {
  fc.assert(
    fc.property(passed, passed, error, error, (a, b, p, q) => {
      const [low, high] = [credibility(Math.min(a, b)), credibility(Math.max(a, b))];
      expect(auditsNeeded(high, p)).toBeLessThanOrEqual(auditsNeeded(low, p));
      expect(auditsNeeded(low, Math.max(p, q))).toBeLessThanOrEqual(auditsNeeded(low, Math.min(p, q)));
    }),
  );
});

test("known bounds come to known numbers of audits", () => {
  expect([1e-2, 1e-3, 1e-4].map((bound) => auditsNeeded(credibility(0), bound))).toEqual([3, 5, 7]);
  expect([1e-2, 1e-3, 1e-4].map((bound) => auditsNeeded(credibility(100), bound))).toEqual([0, 1, 3]);
  expect(auditsNeeded(0, LIMITS.recall_error_max)).toBe(4);
});

test("the stealth bound falls with the rows that were audited, and says nothing without any", () => {
  expect(stealthBound(0)).toBeNull();
  expect(stealthBound(1)).toBeCloseTo(0.157663, 6);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (rows) => {
      expect(stealthBound(rows + 1)).toBeLessThan(stealthBound(rows) ?? 0);
      expect(stealthBound(rows)).toBeLessThanOrEqual(1);
    }),
  );
});

test("a provider is new until it has passed twenty checks", () => {
  expect([0, 19, 20, 21].map(isNew)).toEqual([true, true, false, false]);
});
