import type { Address } from "@solana/kit";
import { type AccountReader, decimalsBy } from "../encode/encode-account.ts";
import { readToken, tokenBalanceOf } from "../encode/token-account.ts";
import type { Balances } from "./transaction-record.ts";

/** What accounts hold at this moment, in lamports and in tokens. */
export function balancesOf(keys: readonly Address[], account: AccountReader): Balances {
  const balances: Balances = { lamports: [], tokens: [] };
  keys.forEach((key, accountIndex) => {
    const state = account(key);
    balances.lamports.push(state.exists ? state.lamports : 0n);
    const token = state.exists ? readToken(state) : null;
    if (token) balances.tokens.push({ accountIndex, ...tokenBalanceOf(token, decimalsBy(account)) });
  });
  return balances;
}
