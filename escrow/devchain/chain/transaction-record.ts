import type { TransactionMetadata } from "litesvm";
import type { TokenBalance } from "../encode/token-account.ts";
import type { TransactionError } from "./transaction-error.ts";
import type { WireTransaction } from "./wire-transaction.ts";

/** Of the accounts of a transaction, in their order. */
export interface Balances {
  lamports: bigint[];
  tokens: (TokenBalance & { accountIndex: number })[];
}

/** A transaction that is part of the chain: executed, and its fee paid, whether or not it succeeded. */
export interface TransactionRecord {
  wire: WireTransaction;
  slot: number;
  /** Unix seconds. */
  time_s: number;
  error: TransactionError | null;
  meta: TransactionMetadata;
  before: Balances;
  after: Balances;
}

/** Lamports that the transaction cost beside what it moved: what its accounts have less of than before. */
export function feeOf({ before, after }: TransactionRecord): bigint {
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
  return sum(before.lamports) - sum(after.lamports);
}
