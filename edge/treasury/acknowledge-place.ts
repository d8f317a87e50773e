import { readEscrow } from "@infernet/db/treasury/escrows";
import { closePayment, readOpenPayment } from "@infernet/db/treasury/payments";
import { readPayouts, updatePayout } from "@infernet/db/treasury/payouts";
import { readPlace, writePlace } from "@infernet/db/treasury/places";
import { bookLoss, bookOthers } from "@infernet/protocol/settlement-batch/treasury-book";
import type { SolanaAddress } from "@infernet/schemas/solana";
import type { EscrowState } from "../rails/rail.ts";
import { depositedIn, postToBook, releasedFrom } from "./book.ts";
import { closeEscrow } from "./close-escrow.ts";
import type { TreasuryContext } from "./context.ts";
import { deskOf } from "./desk-of.ts";
import { parseTerms, payoutsIn } from "./payment-terms.ts";

/**
 * The operator has looked at a place that is halted, and takes what the chain says for right: the difference is booked as
 * moved by other hands, a payment whose number was taken by others is given up, and payouts go on. A place that is not
 * halted stays as it is. Throws `chain_unavailable` and `chain_contradicts`.
 */
export async function acknowledgePlace(ctx: TreasuryContext, escrow: SolanaAddress): Promise<void> {
  const { db, now, transact } = ctx;
  if (readPlace(db, escrow).halted === null) return;
  const read = await (await deskOf(ctx)).read(escrow);
  // Another escrow at its address is not it.
  const state = read?.opened === readEscrow(db, escrow)?.opened ? read : null;
  transact(() => {
    dropPayment(ctx, escrow);
    if (state === null) closeEscrow(ctx, escrow);
    else bookDifference(ctx, state);
    const sequence = state?.sequence ?? null;
    writePlace(db, escrow, { halted: null, detail: null, failures: 0, next_ms: now(), sequence });
  });
}

function dropPayment({ db, now }: TreasuryContext, escrow: SolanaAddress): void {
  const payment = readOpenPayment(db, escrow);
  if (payment === null) return;
  const detail = "the operator gave it up: others released under its number";
  for (const { order, state } of readPayouts(db, payoutsIn(parseTerms(payment.terms))))
    if (state === "sending") updatePayout(db, order.id, { state: "due", next_ms: now(), at_ms: now() });
  closePayment(db, payment.id, { state: "given_up", reference: null, detail, at_ms: now() });
}

function bookDifference(
  { db, unit, uuid, now }: TreasuryContext,
  { escrow, paid, deposited }: EscrowState,
): void {
  const id = uuid();
  const place = { unit, place: escrow };
  postToBook(db, bookOthers(id, place, paid - releasedFrom(db, unit, escrow), now()));
  const missing = depositedIn(db, unit, escrow) - deposited;
  if (missing > 0n) postToBook(db, bookLoss(id, place, missing, now()));
}
