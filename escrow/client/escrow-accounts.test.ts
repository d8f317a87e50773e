import { hex } from "@scure/base";
import { describe, expect, it } from "vitest";
import { BOND_BYTES, ESCROW_BYTES } from "../solana/layout.ts";
import { readBondAccount, readEscrowAccount, readTokenAccount } from "./escrow-accounts.ts";
import { TOKEN } from "./instructions/role.ts";
import { plainAddress } from "./testing/seeds.ts";
import vectors from "./vectors.json" with { type: "json" };

const PROGRAM = plainAddress(0xee);
const address = plainAddress(1);

/** Bytes with a tag and little else: an escrow (1, of rule 2), a bond (2), or an empty token account in use. */
function accountBytes(length: number, tag: number): Uint8Array {
  const data = new Uint8Array(length);
  data[0] = tag;
  data[4] = 2;
  if (length === 165) data[108] = 1;
  return data;
}

const READERS = [
  ["an escrow", readEscrowAccount, accountBytes(ESCROW_BYTES, 1), PROGRAM],
  ["a bond", readBondAccount, accountBytes(BOND_BYTES, 2), PROGRAM],
  [
    "a token account",
    (at: typeof address, account: Parameters<typeof readTokenAccount>[1]) => readTokenAccount(at, account),
    accountBytes(165, 0),
    TOKEN,
  ],
] as const;

describe.each(READERS)("%s", (_, read, data, owner) => {
  it("is read where its own program holds it", () => {
    expect(() => read(address, { owner, data }, PROGRAM)).not.toThrow();
  });

  it("is not read where another program could have written anything", () => {
    expect(() => read(address, { owner: plainAddress(2), data }, PROGRAM)).toThrow(
      expect.objectContaining({ code: "account_invalid" }),
    );
  });

  it("is not read out of other bytes, and missed where there are none", () => {
    expect(() => read(address, { owner, data: data.subarray(1) }, PROGRAM)).toThrow(
      expect.objectContaining({ code: "account_invalid" }),
    );
    expect(() => read(address, null, PROGRAM)).toThrow(expect.objectContaining({ code: "account_missing" }));
  });
});

it("an escrow is the vectors' bytes", () => {
  const { data, bump: _, min_bond, id, opened_slot, deadline, paid, allowed, ...plain } = vectors.escrow;
  expect(readEscrowAccount(address, { owner: PROGRAM, data: hex.decode(data) }, PROGRAM)).toEqual({
    ...plain,
    address,
    id: hex.decode(id),
    payees: { kind: "bonded", min_bond: BigInt(min_bond) },
    opened_slot: BigInt(opened_slot),
    deadline: BigInt(deadline),
    paid: BigInt(paid),
    allowed: BigInt(allowed),
  });
});
