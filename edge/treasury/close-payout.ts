import { type StoredPayout, updatePayout } from "@infernet/db/treasury/payouts";
import { oweResult } from "@infernet/db/treasury/results";
import { decideRetry } from "@infernet/protocol/settlement-batch/decide-retry";
import { splitFee } from "@infernet/protocol/settlement-batch/split-fee";
import { bookPaid, bookReturned } from "@infernet/protocol/settlement-batch/treasury-book";
import { postToBook, sumOf } from "./book.ts";
import type { TreasuryContext } from "./context.ts";

/**
 * How payouts come out, once each: the book, the state and the message to the provider are written together, in the
 * caller's transaction.
 */
export function closePaid(
  { db, unit, now }: TreasuryContext,
  { order }: StoredPayout,
  reference: string,
): void {
  const [fee = 0n] = splitFee([BigInt(order.fee_micro)], sumOf(db, unit, order.escrow, "collected"));
  postToBook(db, bookPaid(order, fee, now()));
  updatePayout(db, order.id, { state: "paid", reference, detail: null, at_ms: now() });
  oweResult(db, order.id, now());
}

export function closeReturned({ db, now }: TreasuryContext, { order }: StoredPayout, detail: string): void {
  postToBook(db, bookReturned(order, now()));
  updatePayout(db, order.id, { state: "returned", detail, at_ms: now() });
  oweResult(db, order.id, now());
}

/** It came to nothing this time: it is tried again later, or goes back when that has happened too often. */
export function setBack(ctx: TreasuryContext, payout: StoredPayout, detail: string): void {
  const { db, now } = ctx;
  const retry = decideRetry(payout.attempts, now());
  if (retry.kind === "return") closeReturned(ctx, payout, detail);
  else
    updatePayout(db, payout.order.id, {
      state: "due",
      attempts: payout.attempts + 1,
      next_ms: retry.at_ms,
      detail,
      at_ms: now(),
    });
}
