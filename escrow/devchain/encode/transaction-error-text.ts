import type { TransactionError } from "../chain/transaction-error.ts";

/** What validators say in words; the rest goes by its name. */
const TEXTS: Readonly<Record<string, string>> = {
  AccountNotFound: "Attempt to debit an account but found no record of a prior credit.",
  AlreadyProcessed: "This transaction has already been processed",
  BlockhashNotFound: "Blockhash not found",
  InsufficientFundsForFee: "Insufficient funds for fee",
  InvalidProgramForExecution: "This program may not be used for executing instructions",
  ProgramAccountNotFound: "Attempt to load a program that does not exist",
  SanitizeFailure: "Transaction failed to sanitize accounts offsets correctly",
  SignatureFailure: "Transaction did not pass signature verification",
};

/**
 * An error in words: clients tell errors apart by them.
 *
 * @param logs of the transaction, whose last line words the error of an instruction
 */
export function transactionErrorText(error: TransactionError, logs: readonly string[]): string {
  if (typeof error === "string") return TEXTS[error] ?? error;
  if ("InstructionError" in error) {
    const [index, cause] = error.InstructionError;
    return `Error processing Instruction ${index}: ${causeText(cause, logs)}`;
  }
  if ("InsufficientFundsForRent" in error) {
    const { account_index } = error.InsufficientFundsForRent;
    return `Transaction results in an account (${account_index}) with insufficient funds for rent`;
  }
  return JSON.stringify(error);
}

function causeText(cause: string | { Custom: number }, logs: readonly string[]): string {
  if (typeof cause !== "string") return `custom program error: 0x${cause.Custom.toString(16)}`;
  const worded = logs
    .map((line) => /^Program \w+ failed: (.*)$/.exec(line)?.[1])
    .find((text) => text !== undefined);
  return worded ?? cause;
}
