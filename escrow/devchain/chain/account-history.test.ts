import { type Address, address, lamports, type MaybeEncodedAccount } from "@solana/kit";
import { expect, test } from "vitest";
import { AccountHistory, HISTORY_SLOTS } from "./account-history.ts";

const WALLET = address("So11111111111111111111111111111111111111112");
const OWNER = address("11111111111111111111111111111111");

function account(amount: bigint): MaybeEncodedAccount {
  if (amount === 0n) return { exists: false, address: WALLET };
  return {
    exists: true,
    address: WALLET,
    lamports: lamports(amount),
    data: new Uint8Array(),
    executable: false,
    programAddress: OWNER,
    space: 0n,
  };
}

function ledger() {
  let amount = 0n;
  const history = new AccountHistory(() => account(amount));
  const set = (next: bigint, slot: number) => {
    history.remember([WALLET], slot);
    amount = next;
  };
  return { history, set };
}

const amountAt = (history: AccountHistory, key: Address, slot: number) => {
  const found = history.at(key, slot);
  return found.exists ? found.lamports : 0n;
};

test("an account is what it was at the end of the slot", () => {
  const { history, set } = ledger();
  set(5n, 10);
  set(7n, 12);
  set(9n, 12);
  expect([9, 10, 11, 12, 13].map((slot) => amountAt(history, WALLET, slot))).toEqual([0n, 5n, 5n, 9n, 9n]);
});

test("accounts that are gone today are still listed for the slots in which they were there", () => {
  const { history, set } = ledger();
  set(5n, 10);
  set(0n, 12);
  const listed = (slot: number) => history.allAt([], slot, ({ programAddress }) => programAddress === OWNER);
  expect(listed(11)).toHaveLength(1);
  expect(listed(12)).toHaveLength(0);
});

test("what is older than the kept slots is forgotten", () => {
  const { history, set } = ledger();
  set(5n, 10);
  set(7n, 10 + HISTORY_SLOTS + 1);
  expect(amountAt(history, WALLET, 9)).toBe(5n);
});
