import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { groupTags } from "./group-tags.ts";
import { networkPrefix } from "./network-prefix.ts";

test.each([
  ["203.0.113.7", "203.0.113.0/24"],
  ["::ffff:8.8.4.4", "8.8.4.0/24"],
  ["2a00:1450:4001:81b::200e", "2a0014504001/48"],
])("%s belongs to %s", (address, prefix) => {
  expect(networkPrefix(address)).toBe(prefix);
});

test.each([
  "127.0.0.1",
  "::1",
  "10.1.2.3",
  "192.168.0.9",
  "172.16.0.1",
  "fe80::1",
  "fd00::1",
  "100.64.0.1",
  "",
  "x",
])("%j says nothing about whose machine it is", (address) => {
  expect(networkPrefix(address)).toBeNull();
});

test("runners of one owner, payout address or network share a tag, and otherwise none", async () => {
  const tags = (owner: string, payout: string, address: string) => groupTags(env, { owner, payout }, address);
  const first = await tags("Acme", "0xAB", "8.8.8.8");
  expect(first).toHaveLength(3);
  const shared = async (other: Promise<string[]>) => (await other).map((tag) => first.includes(tag));
  expect(await shared(tags(" ACME ", "0xcd", "9.9.9.9"))).toEqual([true, false, false]);
  expect(await shared(tags("Other", "0xab", "9.9.9.9"))).toEqual([false, true, false]);
  expect(await shared(tags("Other", "0xcd", "8.8.8.200"))).toEqual([false, false, true]);
  expect(await shared(tags("0xAB", "Acme", "8.8.9.8"))).toEqual([false, false, false]);
});

test("a runner that says nothing and calls from a private address has no tag", async () => {
  expect(await groupTags(env, {}, "10.0.0.1")).toEqual([]);
  expect(await groupTags(env, {}, null)).toEqual([]);
});

test("another network has other tags, so they cannot be compared or guessed", async () => {
  const seed = btoa("another secret of just 32 bytes!");
  const own = await groupTags(env, { owner: "Acme" }, null);
  const other = await groupTags({ NETWORK_PRIVATE_KEY: seed }, { owner: "Acme" }, null);
  expect(own).not.toEqual(other);
  expect(own[0]).toMatch(/^[A-Za-z0-9_-]{22}$/);
});
