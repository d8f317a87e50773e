import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  BOND_BYTES,
  decodeBond,
  decodeEscrow,
  ERROR,
  ESCROW_BYTES,
  encodeBondDeposit,
  encodeOpen,
  encodeRelease,
  encodeTopUp,
  feeMax,
  nameError,
  payeeDepth,
  payeePath,
  payeeRoot,
  payeeTree,
  voucherMessage,
} from "./layout.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const sha256 = (...parts: Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest());

describe("accounts", () => {
  test("every member of an escrow stands where the README says", () => {
    const bytes = new Uint8Array(ESCROW_BYTES);
    const view = new DataView(bytes.buffer);
    bytes.set([1, 254], 0);
    view.setUint16(2, 150, true);
    bytes[4] = 2;
    view.setUint32(8, 3, true);
    view.setUint32(12, 0b101, true);
    view.setBigUint64(16, 4n, true);
    view.setBigInt64(24, 5n, true);
    view.setBigUint64(32, 6n, true);
    view.setBigUint64(40, 7n, true);
    for (const [i, offset] of [48, 80, 112, 144, 176, 208].entries()) bytes.set(key(10 + i), offset);
    view.setBigUint64(240, 8n, true);
    expect(decodeEscrow(bytes)).toEqual({
      bump: 254,
      fee_bps: 150,
      payee_rule: 2,
      releases: 3,
      last_paid: 0b101,
      opened_slot: 4n,
      deadline: 5n,
      paid: 6n,
      min_bond: 7n,
      client: key(10),
      aggregator: key(11),
      mint: key(12),
      id: key(13),
      payees: key(14),
      rent_payer: key(15),
      allowed: 8n,
    });
  });

  test("every member of a bond stands where the README says", () => {
    const bytes = new Uint8Array(BOND_BYTES);
    const view = new DataView(bytes.buffer);
    bytes.set([2, 253], 0);
    view.setBigUint64(8, 4n, true);
    view.setBigInt64(16, 5n, true);
    for (const [i, offset] of [24, 56, 88, 120].entries()) bytes.set(key(10 + i), offset);
    expect(decodeBond(bytes)).toEqual({
      bump: 253,
      amount: 4n,
      unlock: 5n,
      provider: key(10),
      mint: key(11),
      payout: key(12),
      rent_payer: key(13),
    });
  });

  test("what is a part of a larger buffer is read as well", () => {
    const bytes = new Uint8Array(ESCROW_BYTES + 3);
    bytes.set([1, 0, 0, 0, 1], 3);
    expect(decodeEscrow(bytes.subarray(3))?.payee_rule).toBe(1);
  });

  test("other bytes are neither", () => {
    const escrow = new Uint8Array(ESCROW_BYTES).with(0, 1).with(4, 1);
    expect(decodeEscrow(escrow)).not.toBeNull();
    expect(decodeEscrow(escrow.with(0, 2))).toBeNull();
    expect(decodeEscrow(escrow.with(4, 3))).toBeNull();
    expect(decodeEscrow(escrow.slice(1))).toBeNull();
    const bond = new Uint8Array(BOND_BYTES).with(0, 2);
    expect(decodeBond(bond)).not.toBeNull();
    expect(decodeBond(bond.with(0, 1))).toBeNull();
    expect(decodeBond(new Uint8Array(0))).toBeNull();
  });
});

describe("instructions", () => {
  test("an opening is 93 bytes", () => {
    const data = encodeOpen({
      bump: 255,
      fee_bps: 0x0102,
      payee_rule: 1,
      deadline: -2n,
      amount: 3n,
      min_bond: 4n,
      id: key(5),
      payees: key(6),
    });
    expect(data).toHaveLength(93);
    expect([...data.slice(0, 13)]).toEqual([0, 255, 2, 1, 1, 254, 255, 255, 255, 255, 255, 255, 255]);
    expect([data[13], data[21], data[29], data[61]]).toEqual([3, 4, 5, 6]);
  });

  test("a release has its shares behind one another, with proofs or without", () => {
    const path = [key(8), key(9)];
    const committed = [{ amount: 1n, proof: { index: 2, path } }];
    const data = encodeRelease({ releases: 7, fee: 1n, depth: 2, payees: committed });
    expect(data).toHaveLength(14 + 8 + 4 + 64);
    expect([...data.slice(0, 6), data[13], data[14], data[22], data[26], data[58]]).toEqual([
      2, 7, 0, 0, 0, 1, 2, 1, 2, 8, 9,
    ]);
    const bonded = [{ amount: 1n }, { amount: 2n }];
    expect(encodeRelease({ releases: 0, fee: 0n, depth: 0, payees: bonded })).toHaveLength(14 + 16);
  });

  test("numbers that do not fit are refused", () => {
    expect(() => encodeTopUp({ amount: -1n, deadline: 0n })).toThrow(RangeError);
    expect(() => encodeTopUp({ amount: 2n ** 64n, deadline: 0n })).toThrow(RangeError);
    expect(() => encodeTopUp({ amount: 0n, deadline: 2n ** 63n })).toThrow(RangeError);
    expect(() => encodeBondDeposit({ bump: 256, amount: 1n, payout: key(1) })).toThrow(RangeError);
  });
});

test("errors have names, and other numbers have none", () => {
  expect(Object.values(ERROR)).toEqual(Array.from({ length: 18 }, (_, i) => i + 1));
  expect(nameError(18)).toBe("voucher");
  expect(nameError(0)).toBeNull();
  expect(nameError(19)).toBeNull();
});

test("the fee is at most its part of the whole", () => {
  expect(feeMax(98n, 200)).toBe(2n);
  expect(feeMax(97n, 200)).toBe(1n);
  expect(feeMax(100n, 0)).toBe(0n);
});

test("a voucher is 64 bytes: its name, the escrow, the slot and the limit", () => {
  const message = voucherMessage(key(3), 4n, 5n);
  expect(message).toHaveLength(64);
  expect(new TextDecoder().decode(message.slice(0, 16))).toBe("infernet/vouch\0\0");
  expect([message[16], message[48], message[56]]).toEqual([3, 4, 5]);
});

describe("a tree of payees", () => {
  test("one owner is the root", () => {
    const tree = payeeTree([key(1)]);
    expect(payeeDepth(tree)).toBe(0);
    expect(payeeRoot(tree)).toEqual(sha256(Uint8Array.of(0), key(1)));
    expect(payeePath(tree, 0)).toEqual([]);
  });

  test("three are filled to four with zeros", () => {
    const [a, b, c] = [1, 2, 3].map((byte) => sha256(Uint8Array.of(0), key(byte)));
    if (a === undefined || b === undefined || c === undefined) throw new Error("three were made");
    const node = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(Uint8Array.of(1), left, right);
    const tree = payeeTree([key(1), key(2), key(3)]);
    expect(payeeRoot(tree)).toEqual(node(node(a, b), node(c, key(0))));
    expect(payeePath(tree, 2)).toEqual([key(0), node(a, b)]);
    expect(payeePath(tree, 1)).toEqual([a, node(c, key(0))]);
  });

  test("nobody makes no tree", () => {
    expect(() => payeeTree([])).toThrow(RangeError);
  });
});
