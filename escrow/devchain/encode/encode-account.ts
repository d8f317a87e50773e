import type { Address, EncodedAccount, MaybeEncodedAccount } from "@solana/kit";
import { type AccountView, encodeData } from "./account-data.ts";
import { readMint } from "./token-account.ts";

/** Rent is not collected any more: the epoch after the last. */
const RENT_EPOCH = 2n ** 64n - 1n;

/** Reads an account of the slot that somebody looks at. */
export type AccountReader = (address: Address) => MaybeEncodedAccount;

/** An account as the RPC writes it. */
export function encodeAccount(account: EncodedAccount, view: AccountView, read: AccountReader): object {
  return {
    lamports: account.lamports,
    owner: account.programAddress,
    executable: account.executable,
    rentEpoch: RENT_EPOCH,
    space: account.data.length,
    data: encodeData(account, view, decimalsBy(read)),
  };
}

export const encodeMaybeAccount = (account: MaybeEncodedAccount, view: AccountView, read: AccountReader) =>
  account.exists ? encodeAccount(account, view, read) : null;

/** Decimals of mints; of what is none, 0. */
export function decimalsBy(read: AccountReader): (mint: Address) => number {
  return (mint) => {
    const account = read(mint);
    return (account.exists ? readMint(account)?.decimals : undefined) ?? 0;
  };
}
