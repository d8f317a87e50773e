import { describe, expect, it } from "vitest";
import { addressBytes, parseAddress } from "./address.ts";
import { plainAddress } from "./testing/seeds.ts";
import { decodeTokenAccount, deriveTokenAccount } from "./token-account.ts";

function tokenBytes(amount: bigint, state: number, length = 165): Uint8Array {
  const data = new Uint8Array(length);
  data.set(addressBytes(plainAddress(3)), 0);
  data.set(addressBytes(plainAddress(4)), 32);
  new DataView(data.buffer).setBigUint64(64, amount, true);
  data[108] = state;
  return data;
}

describe("a token account", () => {
  it("is read with an amount of 64 bits", () => {
    expect(decodeTokenAccount(tokenBytes(2n ** 64n - 1n, 1))).toEqual({
      mint: plainAddress(3),
      owner: plainAddress(4),
      amount: 2n ** 64n - 1n,
      isFrozen: false,
    });
  });

  it("is read where it lies in a larger buffer", () => {
    const large = new Uint8Array(200);
    large.set(tokenBytes(7n, 1), 35);
    expect(decodeTokenAccount(large.subarray(35)).amount).toBe(7n);
  });

  it("can be frozen", () => {
    expect(decodeTokenAccount(tokenBytes(1n, 2)).isFrozen).toBe(true);
  });

  it.each([
    ["not set up", tokenBytes(0n, 0)],
    ["of an unknown state", tokenBytes(0n, 3)],
    ["too short", tokenBytes(0n, 1, 164)],
    ["one of Token-2022, with extensions", tokenBytes(0n, 1, 170)],
  ])("is nothing that is %s", (_, data) => {
    expect(() => decodeTokenAccount(data)).toThrow(expect.objectContaining({ code: "account_invalid" }));
  });

  it("has the address that everybody works out", () => {
    // The associated token account of USDC's mint for the system program's address.
    const owner = parseAddress("11111111111111111111111111111111");
    const mint = parseAddress("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v");
    expect(deriveTokenAccount(owner, mint)).toBe("HJt8Tjdsc9ms9i4WCZEzhzr4oyf3ANcdzXrNdLPFqm3M");
  });
});
