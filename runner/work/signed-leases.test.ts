import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatGrant, formatLeaseId, formatPartition } from "@infernet/schemas/ids";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SignedLeases } from "./signed-leases.ts";

const grant = formatGrant("0".repeat(32));
const leaseOf = (n: number) => formatLeaseId(formatPartition(1), grant, n);

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "signed-leases-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const known = (signed: SignedLeases, count: number): number[] =>
  Array.from({ length: count }, (_, n) => n).filter((n) => signed.has(leaseOf(n)));

test("a lease is signed for once", () => {
  const signed = new SignedLeases(home);
  expect(signed.has(leaseOf(0))).toBe(false);
  signed.claim(leaseOf(0));
  expect(signed.has(leaseOf(0))).toBe(true);
  expect(() => signed.claim(leaseOf(0))).toThrow("was signed before");
  signed.claim(leaseOf(1));
});

test("a runner that starts again knows what it has signed for, also when it died while it wrote", () => {
  const signed = new SignedLeases(home);
  for (const n of [0, 1]) signed.claim(leaseOf(n));
  appendFileSync(join(home, "signed-leases"), `\n${leaseOf(2).slice(0, 10)}`);
  const again = new SignedLeases(home);
  again.claim(leaseOf(3));
  expect(known(new SignedLeases(home), 4)).toEqual([0, 1, 3]);
});

test("the oldest are forgotten when there are too many", () => {
  const signed = new SignedLeases(home, 2);
  for (const n of [0, 1, 2, 3, 4]) signed.claim(leaseOf(n));
  expect(known(signed, 5)).toEqual([2, 3, 4]);
  expect(known(new SignedLeases(home, 2), 5)).toEqual([2, 3, 4]);
});

test("what cannot be read, or written down, is not signed for", () => {
  mkdirSync(join(home, "signed-leases"));
  expect(() => new SignedLeases(home)).toThrow(expect.objectContaining({ code: "home_unusable" }));
  rmSync(join(home, "signed-leases"), { recursive: true });
  const signed = new SignedLeases(home);
  mkdirSync(join(home, "signed-leases"));
  expect(() => signed.claim(leaseOf(0))).toThrow();
  expect(signed.has(leaseOf(0))).toBe(false);
});
