import { closeOrdered, orderPlace, sumPayable } from "@infernet/db/provider/earnings";
import { insertPayout, listDuePayouts, movePayout, readPayout } from "@infernet/db/provider/payouts";
import type { StoredProvider } from "@infernet/db/provider/queries";
import type { ProviderDb } from "@infernet/db/provider/store";
import { assertCooled, closePayout, draftPayout, openPayout } from "@infernet/protocol/books/payout-rules";
import { LIMITS } from "@infernet/schemas/limits";
import type { PayoutOrder, PayoutResult } from "@infernet/schemas/payout";
import { uuidv7 } from "uuidv7";
import { postToBook } from "./book-earnings.ts";

type Payee = Pick<StoredProvider, "id" | "registration" | "payout_changed_ms">;

/**
 * Orders what is payable to be sent, where it comes to the minimum. In the caller's transaction: the order, the book and
 * the message to the treasury are one. Throws `payout_cooling`.
 */
export function orderPayouts(
  db: ProviderDb,
  { id, registration, payout_changed_ms }: Payee,
  minimum_micro: bigint,
  now_ms: number,
): PayoutOrder[] {
  assertCooled(payout_changed_ms, now_ms);
  const payee = { provider: id, address: registration.payout ?? null };
  const orders = sumPayable(db).flatMap((place) => {
    const order = draftPayout(place, payee, minimum_micro, now_ms, uuidv7().replaceAll("-", ""));
    return order === null ? [] : [order];
  });
  for (const order of orders) {
    insertPayout(db, order);
    postToBook(db, [openPayout(order)]);
    orderPlace(db, order, order.id);
  }
  return orders;
}

/** How a payout came out, once. In the caller's transaction. An order that this provider never gave changes nothing. */
export function closePayoutOf(db: ProviderDb, result: PayoutResult): void {
  const known = readPayout(db, result.id);
  if (known === null || known.result !== null) return;
  const isPaid = result.state === "paid";
  postToBook(db, [closePayout(known.order, result)]);
  closeOrdered(db, result.id, isPaid ? "paid" : "payable", isPaid ? result.id : null);
  movePayout(db, result.id, result.state, result);
}

/** Tells the treasury what it has not acknowledged yet. Whether all of it is acknowledged now. */
export async function sendOrders(
  db: ProviderDb,
  take: (order: PayoutOrder) => Promise<void>,
): Promise<boolean> {
  const due = listDuePayouts(db, LIMITS.payouts_sent_at_once);
  for (const order of due) {
    await take(order);
    // It may have come out in the meantime.
    if (readPayout(db, order.id)?.state === "due") movePayout(db, order.id, "ordered", null);
  }
  return due.length < LIMITS.payouts_sent_at_once;
}
