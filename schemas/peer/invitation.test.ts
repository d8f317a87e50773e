import { beforeAll, expect, test } from "vitest";
import { NetworkId } from "../commitment.ts";
import type { Bytes } from "../digest.ts";
import { formatRunnerId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { Invitation, readInvitation, signInvitation } from "./invitation.ts";

const NOW = 1_800_000_000_000;
const runner = formatRunnerId(new Uint8Array(32).fill(1));
const peer = formatRunnerId(new Uint8Array(32).fill(2));
let network: NetworkId;
let sign: (bytes: Bytes) => Promise<Uint8Array>;

beforeAll(async () => {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("Ed25519 makes a pair of keys");
  const { x } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  network = NetworkId.parse(`net_${x}`);
  sign = async (bytes) => new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, bytes));
});

const invitation = (change: Partial<Invitation> = {}): Invitation => ({
  ...{ type: "infernet.invitation.v1", network, peer, runner, name: "den", terms: { pay: "free" } },
  ...{ addresses: ["/ip4/127.0.0.1/tcp/4803"], issued_ms: NOW, expires_ms: NOW + 60_000 },
  ...change,
});
const read = async (change: Partial<Invitation> = {}, now_ms = NOW) =>
  readInvitation(await signInvitation(invitation(change), sign), { runner, peer, now_ms });

test("an invitation says what its network signed, to the runner that it is for and from the peer that it names", async () => {
  expect(await read()).toEqual(invitation());
  expect(await read({ runner: peer })).toBeNull();
  expect(await read({ peer: runner })).toBeNull();
  expect(await read({ network: NetworkId.parse(`net_${"A".repeat(43)}`) })).toBeNull();
});

test("it holds from its making until its end, give or take the clocks, and for a day at most", async () => {
  const skew_ms = LIMITS.peer_clock_skew_ms_max;
  expect(await read({}, NOW - skew_ms)).not.toBeNull();
  expect(await read({}, NOW - skew_ms - 1)).toBeNull();
  expect(await read({}, NOW + 59_999)).not.toBeNull();
  expect(await read({}, NOW + 60_000)).toBeNull();
  expect(await read({ expires_ms: NOW + LIMITS.invitation_ms_max })).not.toBeNull();
  expect(await read({ expires_ms: NOW + LIMITS.invitation_ms_max + 1 })).toBeNull();
});

test("no flipped bit, and nothing that is too long, is taken", async () => {
  const signed = await signInvitation(invitation(), sign);
  for (let bit = 0; bit < signed.length * 8; bit += 7) {
    const changed = signed.slice();
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect([bit, await readInvitation(changed, { runner, peer, now_ms: NOW })]).toEqual([bit, null]);
  }
  const long = new Uint8Array(LIMITS.invitation_bytes_max + 1);
  expect(await readInvitation(long, { runner, peer, now_ms: NOW })).toBeNull();
});

test("a name is one line that people can read", () => {
  const isName = (name: string): boolean => Invitation.safeParse(invitation({ name })).success;
  expect(["den", "Ada's den", "書斎"].map(isName)).toEqual([true, true, true]);
  expect(["", "a\nb", "\u001b[31mred", "x".repeat(65)].map(isName)).toEqual([false, false, false, false]);
});
