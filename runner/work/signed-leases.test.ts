import { formatGrant, formatLeaseId, formatPartition } from "@infernet/schemas/ids";
import { expect, test } from "vitest";
import { SignedLeases } from "./signed-leases.ts";

const grant = formatGrant("0".repeat(32));
const leaseOf = (n: number) => formatLeaseId(formatPartition(1), grant, n);

test("a lease is signed for once", () => {
  const signed = new SignedLeases();
  expect(signed.has(leaseOf(0))).toBe(false);
  signed.claim(leaseOf(0));
  expect(signed.has(leaseOf(0))).toBe(true);
  expect(() => signed.claim(leaseOf(0))).toThrow("was signed before");
  signed.claim(leaseOf(1));
});

test("the oldest are forgotten when there are too many", () => {
  const signed = new SignedLeases(2);
  for (const n of [0, 1, 2]) signed.claim(leaseOf(n));
  expect([0, 1, 2].map((n) => signed.has(leaseOf(n)))).toEqual([false, true, true]);
});
