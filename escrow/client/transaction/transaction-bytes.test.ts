import { TransactionMessage, VersionedTransaction } from "@solana/web3.js";
import { describe, expect, it } from "vitest";
import { publicKeyOf } from "../address.ts";
import { createInstruction } from "../instructions/create-instruction.ts";
import { role } from "../instructions/role.ts";
import { plainAddress } from "../testing/seeds.ts";
import { transactionBytes } from "./transaction-bytes.ts";

function sample(accounts: number, bytes: number) {
  const keys = Array.from({ length: accounts }, (_, i) =>
    role(plainAddress(i + 1), i < 2 ? "signer" : "writable"),
  );
  return new TransactionMessage({
    payerKey: publicKeyOf(plainAddress(0xff)),
    recentBlockhash: plainAddress(9),
    instructions: [createInstruction(plainAddress(0xee), keys, new Uint8Array(bytes))],
  }).compileToV0Message();
}

describe("the length of a transaction", () => {
  it.each([
    [0, 0],
    [3, 127],
    [3, 128],
    [20, 200],
  ])("is what web3.js writes, for %i accounts and %i bytes of data", (accounts, bytes) => {
    const message = sample(accounts, bytes);
    expect(transactionBytes(message)).toBe(new VersionedTransaction(message).serialize().length);
  });
});
