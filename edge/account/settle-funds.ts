import type { AccountDb } from "@infernet/db/account/queries";
import { deleteReservation, readReservation } from "@infernet/db/account/reservations";
import { findTransfer } from "@infernet/db/ledger/transfers";
import { refund, refundId, reservationId, settleReservation } from "@infernet/protocol/books/client-book";
import type { JobId } from "@infernet/schemas/ids";
import type { Settlement } from "@infernet/schemas/price";
import { postToBook } from "./book.ts";

/**
 * Books what a job has cost, and what came back of it. In the caller's transaction. Telling it again changes nothing, and
 * neither does telling an older state after a newer one. A job that nothing was set aside for is a gift.
 */
export function settleFunds(
  db: AccountDb,
  job_id: JobId,
  { charged_micro, refunded_micro }: Pick<Settlement, "charged_micro" | "refunded_micro">,
  now_ms: number,
): void {
  const reservation = findTransfer(db, reservationId(job_id));
  if (reservation === null) return;
  if (readReservation(db, job_id) !== null) {
    postToBook(db, settleReservation(reservation, job_id, BigInt(charged_micro), now_ms));
    deleteReservation(db, job_id);
  }
  let refunded = 0n;
  let times = 0;
  for (;;) {
    const earlier = findTransfer(db, refundId(job_id, times));
    if (earlier === null) break;
    refunded += earlier.amount;
    times += 1;
  }
  const due = BigInt(refunded_micro) - refunded;
  if (due > 0n) postToBook(db, refund(job_id, times, reservation, due, now_ms));
}
