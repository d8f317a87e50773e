import type { Address } from "@solana/kit";
import { type Mint, TOKEN_PROGRAM_ADDRESS, type Token } from "@solana-program/token";
import { parseAccountView } from "../encode/account-data.ts";
import { decimalsBy, encodeAccount } from "../encode/encode-account.ts";
import { readMint, readToken } from "../encode/token-account.ts";
import { uiAmountOf } from "../encode/ui-amount.ts";
import type { Methods } from "../rpc/method.ts";
import {
  type Config,
  parseAddress,
  parseCommitment,
  parseCommitmentConfig,
  parseConfig,
} from "../rpc/params.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import { type SlotView, viewAt } from "./slot-view.ts";

/** How many holders `getTokenLargestAccounts` lists. */
const LARGEST_COUNT = 20;

export const TOKEN_METHODS: Methods = {
  getTokenAccountBalance: (context, [key, options]) => {
    const view = viewAt(context, parseCommitmentConfig(options));
    const { amount, mint } = tokenAt(view, parseAddress(key, "the token account"));
    return view.withContext(uiAmountOf(amount, decimalsBy(view.account)(mint)));
  },

  getTokenSupply: (context, [key, options]) => {
    const view = viewAt(context, parseCommitmentConfig(options));
    const { supply, decimals } = mintAt(view, parseAddress(key, "the mint"));
    return view.withContext(uiAmountOf(supply, decimals));
  },

  getTokenAccountsByOwner: (context, [key, filter, options]) => {
    const owner = parseAddress(key, "the owner");
    const wanted = parseTokenFilter(parseConfig(filter, "the filter"));
    const config = parseConfig(options);
    const view = viewAt(context, parseCommitment(config.commitment));
    const look = parseAccountView(config);
    const found = view.ownedBy(TOKEN_PROGRAM_ADDRESS).flatMap((account) => {
      const token = readToken(account);
      if (!token || token.owner !== owner || !wanted(token)) return [];
      return [{ pubkey: account.address, account: encodeAccount(account, look, view.account) }];
    });
    return view.withContext(found);
  },

  getTokenLargestAccounts: (context, [key, options]) => {
    const view = viewAt(context, parseCommitmentConfig(options));
    const mint = parseAddress(key, "the mint");
    const { decimals } = mintAt(view, mint);
    const holders = view.ownedBy(TOKEN_PROGRAM_ADDRESS).flatMap((account) => {
      const token = readToken(account);
      return token?.mint === mint ? [{ address: account.address, amount: token.amount }] : [];
    });
    return view.withContext(
      holders
        .sort((one, other) => Number(other.amount - one.amount))
        .slice(0, LARGEST_COUNT)
        .map(({ address, amount }) => ({ address, ...uiAmountOf(amount, decimals) })),
    );
  },
};

/** By mint, or by program; of the token programs only the classic one has accounts that are read here. */
function parseTokenFilter({ mint, programId }: Config): (token: Token) => boolean {
  if (mint !== undefined) {
    const wanted = parseAddress(mint, "mint");
    return (token) => token.mint === wanted;
  }
  const program = parseAddress(programId, "mint or programId");
  return () => program === TOKEN_PROGRAM_ADDRESS;
}

function tokenAt(view: SlotView, address: Address): Token {
  const account = view.account(address);
  if (!account.exists) throw new RpcError("invalid_params", "Invalid param: could not find account");
  const token = readToken(account);
  if (!token) throw new RpcError("invalid_params", "Invalid param: not a Token account");
  return token;
}

function mintAt(view: SlotView, address: Address): Mint {
  const account = view.account(address);
  if (!account.exists) throw new RpcError("invalid_params", "Invalid param: could not find mint");
  const mint = readMint(account);
  if (!mint) throw new RpcError("invalid_params", "Invalid param: not a Token mint");
  return mint;
}
