import { type Address, type EncodedAccount, unwrapOption } from "@solana/kit";
import {
  AccountState,
  getMintDecoder,
  getMintSize,
  getTokenDecoder,
  getTokenSize,
  type Mint,
  TOKEN_PROGRAM_ADDRESS,
  type Token,
} from "@solana-program/token";
import { type UiAmount, uiAmountOf } from "./ui-amount.ts";

/** What of an account tells whose it is and what is in it. */
type Stored = Pick<EncodedAccount, "programAddress" | "data">;

/** The account's token state, null when it is no account of the token program. */
export function readToken(account: Stored): Token | null {
  return isOf(account, getTokenSize()) ? getTokenDecoder().decode(account.data) : null;
}

export function readMint(account: Stored): Mint | null {
  return isOf(account, getMintSize()) ? getMintDecoder().decode(account.data) : null;
}

export interface TokenBalance {
  mint: Address;
  owner: Address;
  programId: Address;
  uiTokenAmount: UiAmount;
}

/** @param decimals of a mint */
export function tokenBalanceOf(token: Token, decimals: (mint: Address) => number): TokenBalance {
  return {
    mint: token.mint,
    owner: token.owner,
    programId: TOKEN_PROGRAM_ADDRESS,
    uiTokenAmount: uiAmountOf(token.amount, decimals(token.mint)),
  };
}

/** The `jsonParsed` form of a token account or a mint, null for everything else. */
export function parsedTokenData(account: EncodedAccount, decimals: (mint: Address) => number): object | null {
  const space = account.data.length;
  const token = readToken(account);
  if (token) {
    return {
      program: "spl-token",
      space,
      parsed: { type: "account", info: tokenInfo(token, decimals(token.mint)) },
    };
  }
  const mint = readMint(account);
  return mint && { program: "spl-token", space, parsed: { type: "mint", info: mintInfo(mint) } };
}

function tokenInfo(token: Token, decimals: number): object {
  const delegate = unwrapOption(token.delegate);
  const closeAuthority = unwrapOption(token.closeAuthority);
  const reserve = unwrapOption(token.isNative);
  return {
    mint: token.mint,
    owner: token.owner,
    state: STATES[token.state],
    isNative: reserve !== null,
    tokenAmount: uiAmountOf(token.amount, decimals),
    ...(delegate !== null && { delegate, delegatedAmount: uiAmountOf(token.delegatedAmount, decimals) }),
    ...(reserve !== null && { rentExemptReserve: uiAmountOf(reserve, decimals) }),
    ...(closeAuthority !== null && { closeAuthority }),
  };
}

function mintInfo(mint: Mint): object {
  return {
    mintAuthority: unwrapOption(mint.mintAuthority),
    supply: mint.supply.toString(),
    decimals: mint.decimals,
    isInitialized: mint.isInitialized,
    freezeAuthority: unwrapOption(mint.freezeAuthority),
  };
}

const STATES: Record<AccountState, string> = {
  [AccountState.Uninitialized]: "uninitialized",
  [AccountState.Initialized]: "initialized",
  [AccountState.Frozen]: "frozen",
};

const isOf = ({ programAddress, data }: Stored, size: number): boolean =>
  programAddress === TOKEN_PROGRAM_ADDRESS && data.length === size;
