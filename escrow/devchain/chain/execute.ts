import type { EncodedAccount } from "@solana/kit";
import { FailedTransactionMetadata, type LiteSVM, type TransactionMetadata } from "litesvm";
import { type TransactionError, transactionErrorOf } from "./transaction-error.ts";
import type { WireTransaction } from "./wire-transaction.ts";

export interface Execution {
  /** Whether it pays its fee and becomes part of the chain; with an error it can do so as well. */
  lands: boolean;
  error: TransactionError | null;
  meta: TransactionMetadata;
}

/** Executes a transaction whose signatures are all there. */
export function execute(svm: LiteSVM, { transaction }: WireTransaction): Execution {
  const result = svm.sendTransaction(transaction);
  if (!(result instanceof FailedTransactionMetadata)) return { lands: true, error: null, meta: result };
  const meta = result.meta();
  // LiteSVM fills the signature in once the fee is taken; what never got that far leaves no trace.
  const lands = meta.signature().some((byte) => byte !== 0);
  return { lands, error: transactionErrorOf(result), meta };
}

export interface Trial {
  error: TransactionError | null;
  meta: TransactionMetadata;
  /** The accounts it writes, as it would leave them. */
  accounts: readonly EncodedAccount[];
}

/** Executes a transaction without a consequence. */
export function tryOut(svm: LiteSVM, { transaction }: WireTransaction, verifySignatures: boolean): Trial {
  svm.withSigverify(verifySignatures);
  try {
    const result = svm.simulateTransaction(transaction);
    return result instanceof FailedTransactionMetadata
      ? { error: transactionErrorOf(result), meta: result.meta(), accounts: [] }
      : { error: null, meta: result.meta(), accounts: result.postAccounts() };
  } finally {
    svm.withSigverify(true);
  }
}
