import { parseSignature } from "@infernet/schemas/commitment";
import { Epoch, epochStatement } from "@infernet/schemas/epoch";
import { hashSha256, parseHash, renderHash } from "@infernet/schemas/hash";
import { LIMITS } from "@infernet/schemas/limits";
import { Network } from "@infernet/schemas/network";
import { pageOf } from "@infernet/schemas/page";
import { Problem } from "@infernet/schemas/problem";
import { base64urlnopad } from "@scure/base";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { callEdge } from "../testing/call-edge.ts";

const LENGTH = 60_000;
const NOW = 1_000 * LENGTH + 1_234;
const REVEALED = LENGTH + LIMITS.epoch_reveal_ms_max;

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => void vi.useRealTimers());

const call = (path: string, settings: Partial<Env> = {}) =>
  callEdge(path, {}, { EPOCH_MS: String(LENGTH), ...settings });
const readEpoch = async (epoch: number) => Epoch.parse(await (await call(`/epochs/${epoch}`)).json());
const at = (unix_ms: number) => void vi.setSystemTime(unix_ms);

test("the network says which epoch it is, and needs no key to say so", async () => {
  const answer = await call("/network");
  expect(Network.parse(await answer.json())).toMatchObject({
    object: "network",
    epoch: 1_000,
    epoch_ms: LENGTH,
    now_ms: NOW,
    hold_ms: LIMITS.hold_ms,
    escrows: null,
  });
  expect(answer.headers.get("Cache-Control")).toBe("no-store");
  expect((await call("/network", { NETWORK_PRIVATE_KEY: "" })).status).toBe(503);
});

test("a seed is never told before its epoch is over, and its hash before the epoch begins", async () => {
  at(999 * LENGTH);
  const before = await readEpoch(1_000);
  expect(before).toMatchObject({ starts_ms: 1_000 * LENGTH, ends_ms: 1_001 * LENGTH, seed: null });
  for (const unix_ms of [1_000 * LENGTH, 1_001 * LENGTH - 1, 1_001 * LENGTH, 1_000 * LENGTH + REVEALED - 1]) {
    at(unix_ms);
    expect(await readEpoch(1_000)).toEqual(before);
  }
  at(1_000 * LENGTH + REVEALED);
  const after = await readEpoch(1_000);
  expect(after).toEqual({ ...before, seed: after.seed });
  expect(after.seed && renderHash(hashSha256(parseHash(after.seed)))).toBe(before.seed_sha256);
});

test("a short epoch's seed is told a tenth of the epoch later", async () => {
  const short = { EPOCH_MS: "1000" };
  const seedAt = async (unix_ms: number) => {
    at(unix_ms);
    return Epoch.parse(await (await call("/epochs/5000", short)).json()).seed;
  };
  expect(await seedAt(5_001_099)).toBeNull();
  expect(await seedAt(5_001_100)).not.toBeNull();
});

test("the network's key signs what is told of an epoch", async () => {
  const { network } = Network.parse(await (await call("/network")).json());
  const epoch = await readEpoch(1_001);
  expect(epoch.network).toBe(network);
  const raw = new Uint8Array(base64urlnopad.decode(network.slice("net_".length)));
  const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  const verify = (told: Epoch) =>
    crypto.subtle.verify("Ed25519", key, parseSignature(told.signature), epochStatement(told));
  expect(await verify(epoch)).toBe(true);
  expect(await verify({ ...epoch, epoch: 1_002 })).toBe(false);
  expect(await verify({ ...epoch, seed_sha256: (await readEpoch(1_000)).seed_sha256 })).toBe(false);
});

test("no more than one epoch is told ahead", async () => {
  expect((await call("/epochs/1001")).status).toBe(200);
  for (const epoch of ["1002", String(Number.MAX_SAFE_INTEGER)]) {
    const answer = await call(`/epochs/${epoch}`);
    expect([answer.status, Problem.parse(await answer.json()).code]).toEqual([404, "epoch_unannounced"]);
  }
  for (const epoch of ["-1", "1.5", "next"]) expect((await call(`/epochs/${epoch}`)).status).toBe(404);
});

test("the list goes from the next epoch back to the first, in pages", async () => {
  at(3 * LENGTH);
  const list = async (query: string) =>
    pageOf(Epoch).parse(await (await call(`/epochs?limit=3${query}`)).json());
  const first = await list("");
  expect(first.data.map(({ epoch, seed }) => [epoch, seed !== null])).toEqual([
    [4, false],
    [3, false],
    [2, false],
  ]);
  const rest = await list(`&cursor=${first.next_cursor}`);
  expect(rest.data.map(({ epoch, seed }) => [epoch, seed !== null])).toEqual([
    [1, true],
    [0, true],
  ]);
  expect(rest.next_cursor).toBeNull();
  expect((await call("/epochs?cursor=x")).status).toBe(422);
});

test("what cannot change any more may be kept by caches, and nothing else", async () => {
  const cacheOf = async (epoch: number) => (await call(`/epochs/${epoch}`)).headers.get("Cache-Control");
  expect(await cacheOf(998)).toContain("immutable");
  expect(await cacheOf(1_000)).toBe("no-store");
});
