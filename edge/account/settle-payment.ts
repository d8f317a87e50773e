import { closePayment, readPayment, type StoredPayment } from "@infernet/db/account/payments";
import type { AccountDb } from "@infernet/db/account/queries";
import type { BroadcastOutcome } from "@infernet/escrow/client/broadcast/broadcast-outcome";
import type { SignedTransaction } from "@infernet/escrow/client/transaction/signed-transaction";
import { deposit } from "@infernet/protocol/books/client-book";
import { base64 } from "@scure/base";
import { postToBook } from "./book.ts";

/** What settling a payment stands on. */
export interface PaymentContext {
  db: AccountDb;
  /** Writes of `work` happen together or not at all. */
  transact<T>(work: () => T): T;
  now(): number;
  /** Sends the transaction if that can help, and says how it stands. May reject; may be repeated. */
  settle(transaction: SignedTransaction): Promise<BroadcastOutcome>;
}

/**
 * Goes on with the account's payment, if it is under way: only the bytes that are stored are sent, however often. Once they
 * are in the chain for good, what was paid is at the account's disposal, once.
 */
export async function settlePayment({ db, transact, now, settle }: PaymentContext): Promise<void> {
  const payment = readPayment(db);
  if (payment?.state !== "open") return;
  const outcome = await settle(transactionOf(payment));
  transact(() => {
    if (readPayment(db)?.state === "open") noteOutcome(db, payment, outcome, now());
  });
}

function noteOutcome(
  db: AccountDb,
  { escrow, unit, amount }: StoredPayment,
  outcome: BroadcastOutcome,
  now_ms: number,
): void {
  switch (outcome.state) {
    case "unknown":
    case "seen":
      return;
    case "landed":
      postToBook(db, deposit(escrow, unit, { total: amount, amount }, now_ms));
      closePayment(db, { state: "paid", detail: null });
      return;
    case "failed":
      closePayment(db, { state: "failed", detail: outcome.failure.text });
      return;
    case "expired":
      closePayment(db, {
        state: "failed",
        detail: "it did not reach the chain before its blockhash expired",
      });
      return;
    default:
      outcome satisfies never;
  }
}

const transactionOf = ({ raw, signature, last_valid_block_height }: StoredPayment): SignedTransaction => ({
  raw: new Uint8Array(base64.decode(raw)),
  signature,
  last_valid_block_height,
});
