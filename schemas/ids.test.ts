import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatGrant,
  formatJobId,
  formatLeaseId,
  formatPartition,
  formatRunnerId,
  grantOf,
  partitionOf,
  publicKeyOf,
} from "./ids.ts";

const uuid = "019aa5d0-c1f0-7c3e-8f2b-6d4e5a901122";

test("a runner's id spells its public key", () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(key, (publicKey) => {
      expect(Array.from(publicKeyOf(formatRunnerId(publicKey)))).toEqual(Array.from(publicKey));
    }),
  );
  expect(() => formatRunnerId(new Uint8Array(31))).toThrow();
});

test("jobs and leases name the partition that owns them, and leases their grant", () => {
  for (const index of [0, 63, 4095]) {
    const partition = formatPartition(index);
    expect(partitionOf(formatJobId(partition, uuid))).toBe(partition);
    const lease = formatLeaseId(partition, formatGrant(uuid), 15);
    expect(partitionOf(lease)).toBe(partition);
    expect(grantOf(lease)).toEqual({ grant: formatGrant(uuid), n: 15 });
  }
  expect(() => formatPartition(4096)).toThrow();
});
