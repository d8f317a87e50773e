import type { Bytes } from "@infernet/schemas/digest";
import { type BondState, decodeBond, decodeEscrow, type EscrowState } from "../solana/layout.ts";
import { type Address, renderAddress } from "./address.ts";
import { EscrowError } from "./escrow-error.ts";
import type { PayeeTerms } from "./instructions/open-escrow.ts";
import { TOKEN } from "./instructions/role.ts";
import type { Account } from "./rpc/read-accounts.ts";
import { decodeTokenAccount, type TokenAccount } from "./token-account.ts";

/** An escrow as it is on the chain. */
export interface Escrow {
  address: Address;
  client: Address;
  aggregator: Address;
  mint: Address;
  rent_payer: Address;
  /** 32 bytes. */
  id: Bytes;
  fee_bps: number;
  payees: PayeeTerms;
  opened_slot: bigint;
  /** Unix seconds. */
  deadline: bigint;
  /** Base units: everything released so far, fees included. */
  paid: bigint;
  /** Base units: what `paid` may grow to by the aggregator's releases without showing a voucher. */
  allowed: bigint;
  /** So far; the next release names this number. */
  releases: number;
  /** Bit i is set when payee i of the last release was paid. */
  last_paid: number;
}

/** A provider's stake as it is on the chain. */
export interface Bond {
  address: Address;
  provider: Address;
  mint: Address;
  /** Owner of the token account that releases pay. */
  payout: Address;
  rent_payer: Address;
  /** Base units deposited. */
  amount: bigint;
  /** Unix seconds from which it may leave; 0 while it is not leaving. */
  unlock: bigint;
}

/** Throws account_missing and account_invalid. */
export function readEscrowAccount(address: Address, account: Account | null, program: Address): Escrow {
  const state = decodeEscrow(dataOf(account, program, `the escrow ${address}`));
  if (state === null) throw new EscrowError("account_invalid", `${address} is not an escrow`);
  const { client, aggregator, mint, rent_payer, bump: _, payee_rule, min_bond, payees, ...plain } = state;
  return {
    address,
    ...plain,
    payees: termsOf(state),
    client: renderAddress(client),
    aggregator: renderAddress(aggregator),
    mint: renderAddress(mint),
    rent_payer: renderAddress(rent_payer),
  };
}

const termsOf = ({ payee_rule, payees, min_bond }: EscrowState): PayeeTerms =>
  payee_rule === 1 ? { kind: "committed", root: payees } : { kind: "bonded", min_bond };

/** Throws account_missing and account_invalid. */
export function readBondAccount(address: Address, account: Account | null, program: Address): Bond {
  const state: BondState | null = decodeBond(dataOf(account, program, `the bond ${address}`));
  if (state === null) throw new EscrowError("account_invalid", `${address} is not a bond`);
  return {
    address,
    provider: renderAddress(state.provider),
    mint: renderAddress(state.mint),
    payout: renderAddress(state.payout),
    rent_payer: renderAddress(state.rent_payer),
    amount: state.amount,
    unlock: state.unlock,
  };
}

/** Throws account_missing and account_invalid, also for one of Token-2022. */
export const readTokenAccount = (address: Address, account: Account | null): TokenAccount =>
  decodeTokenAccount(dataOf(account, TOKEN, `the token account ${address}`));

function dataOf(account: Account | null, program: Address, what: string): Uint8Array {
  if (account === null) throw new EscrowError("account_missing", `${what} does not exist`);
  if (account.owner !== program)
    throw new EscrowError("account_invalid", `${what} belongs to program ${account.owner}, not ${program}`);
  return account.data;
}
