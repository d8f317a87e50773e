import type { FailedTransactionMetadata } from "litesvm";

/** Why a transaction failed, as a validator writes it in JSON: `"BlockhashNotFound"`, `{ InstructionError: [0, { Custom: 1 }] }`. */
export type TransactionError =
  | string
  | { InstructionError: [index: number, cause: string | { Custom: number }] }
  | { DuplicateInstruction: number }
  | { InsufficientFundsForRent: { account_index: number } }
  | { ProgramExecutionTemporarilyRestricted: { account_index: number } };

// What LiteSVM prints, in Rust's debug form: `err: InstructionError(0, Custom(1))`, `err: InsufficientFundsForRent { account_index: 1 }`.
const DEBUG_FORM =
  /\berr: (?<name>\w+)(?:\((?<index>\d+)(?:, (?<cause>\w+)(?:\((?<code>\d+)\))?)?|(?: \{ account_index: (?<account>\d+)))?/;

/** The error's names are the same in Rust's debug form and in JSON, so they are taken from there and no table is kept. */
export function transactionErrorOf(failed: FailedTransactionMetadata): TransactionError {
  return parseTransactionError(failed.toString());
}

/** @param text with the error in Rust's debug form after `err: ` */
export function parseTransactionError(text: string): TransactionError {
  const { name, index, cause, code, account } = DEBUG_FORM.exec(text)?.groups ?? {};
  if (name === undefined) throw new Error(`This is no error of a transaction: ${text.slice(0, 200)}`);
  if (name === "InstructionError" && cause !== undefined) {
    return { InstructionError: [Number(index), cause === "Custom" ? { Custom: Number(code) } : cause] };
  }
  if (name === "DuplicateInstruction") return { DuplicateInstruction: Number(index) };
  if (name === "InsufficientFundsForRent")
    return { InsufficientFundsForRent: { account_index: Number(account) } };
  if (name === "ProgramExecutionTemporarilyRestricted") {
    return { ProgramExecutionTemporarilyRestricted: { account_index: Number(account) } };
  }
  return name;
}
