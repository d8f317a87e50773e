import { LIMITS } from "@infernet/schemas/limits";
import { Verification, VerificationPlan } from "@infernet/schemas/verification";
import fc from "fast-check";
import { expect, test } from "vitest";
import { computeFactor, expectedAuditors, planVerification } from "./verification-plan.ts";

const plan = (asked: unknown, shard_rows = 100, joint = false): VerificationPlan =>
  VerificationPlan.parse(planVerification(Verification.parse(asked), shard_rows, joint));

test("without checks nobody is drawn, and nothing is promised", () => {
  expect(plan({ mode: "none" })).toEqual({ mode: "none", auditors: 0, audit_rows: 0, error_max: null });
});

test("a quorum of n is n - 1 auditors who compute every row", () => {
  expect(plan({ mode: "quorum" })).toMatchObject({ mode: "quorum", auditors: 1, audit_rows: 100 });
  expect(plan({ mode: "quorum", replicas: 5 })).toMatchObject({ auditors: 4, audit_rows: 100 });
});

test("an audit has the auditors and the share of rows that were asked for, at least four rows", () => {
  const asked = { mode: "audit", auditors: 3, rows_share: 0.25 };
  expect(plan(asked)).toEqual({ mode: "audit", auditors: 3, audit_rows: 25, error_max: null });
  expect(plan(asked, 10)).toMatchObject({ audit_rows: 4 });
  expect(plan(asked, 3)).toMatchObject({ audit_rows: 3 });
});

test("as many rows are checked as one lease can name, or all of them", () => {
  const most = LIMITS.row_ranges_per_lease_max;
  expect(plan({ mode: "audit", rows_share: 0.5 }, 100_000).audit_rows).toBe(most);
  expect(plan({ mode: "audit", rows_share: 1 }, 100_000).audit_rows).toBe(100_000);
  expect(plan({ assurance: 0.999 }, 1_000_000).audit_rows).toBe(most);
});

test("an assurance is kept as the error that it allows, in the digits that it was asked in", () => {
  for (const [assurance, error_max] of [
    [0.99, 0.01],
    [0.999, 0.001],
    [0.9999, 0.0001],
    [0.99999, 0.00001],
  ])
    expect(plan({ assurance }).error_max).toBe(error_max);
  expect(plan({ assurance: 0.95 }).auditors).toBe(1);
  expect(plan({ assurance: 0.9999 }).auditors).toBe(2);
});

test("work whose rows depend on each other is checked whole, whatever was asked for", () => {
  expect(plan({ mode: "audit", auditors: 2 }, 100, true)).toEqual({
    mode: "quorum",
    auditors: 2,
    audit_rows: 100,
    error_max: null,
  });
  expect(plan({ assurance: 0.9999 }, 100, true)).toMatchObject({
    mode: "quorum",
    audit_rows: 100,
    auditors: 2,
  });
  expect(plan({ mode: "none" }, 100, true).mode).toBe("none");
});

test("a client that says nothing gets one auditor for a tenth of the rows", () => {
  expect(plan({ mode: "audit" })).toMatchObject({ auditors: 1, audit_rows: 10 });
});

test("what a job will cost follows from its auditors and their rows", () => {
  const audits = plan({ mode: "audit", auditors: 2, rows_share: 0.05 });
  expect(computeFactor(audits, 2, 100)).toBeCloseTo(1.1, 12);
  expect(computeFactor(plan({ mode: "quorum", replicas: 3 }), 2, 100)).toBe(3);
  expect(computeFactor(plan({ mode: "none" }), 0, 100)).toBe(1);
});

test("providers with a good name need no more auditors than those with none, and a stricter promise no fewer", () => {
  const passed = fc.integer({ min: 0, max: 100_000 });
  const assurance = fc.double({ min: 0.9, max: 0.99999, noNaN: true });
  fc.assert(
    fc.property(passed, passed, assurance, assurance, (a, b, p, q) => {
      const strict = plan({ assurance: Math.max(p, q) });
      const lax = plan({ assurance: Math.min(p, q) });
      expect(expectedAuditors(strict, Math.max(a, b))).toBeLessThanOrEqual(
        expectedAuditors(strict, Math.min(a, b)),
      );
      expect(expectedAuditors(lax, a)).toBeLessThanOrEqual(expectedAuditors(strict, a));
      expect(expectedAuditors(strict, a)).toBeLessThanOrEqual(LIMITS.auditors_max);
    }),
  );
});
