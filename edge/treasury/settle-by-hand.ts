import { readPayout, type StoredPayout } from "@infernet/db/treasury/payouts";
import { bookCollected } from "@infernet/protocol/settlement-batch/treasury-book";
import { InfernetError } from "@infernet/schemas/errors";
import type { PayoutId } from "@infernet/schemas/payout";
import { postToBook } from "./book.ts";
import { closePaid, closeReturned } from "./close-payout.ts";
import type { TreasuryContext } from "./context.ts";

/** What the operator says of a payout that only it can tell about. */
export type Saying = { state: "paid"; reference: string } | { state: "returned"; detail: string };

/**
 * Closes a payout by the operator's word, once; the same word again changes nothing. Null when there is no such payout.
 * Throws `payout_not_pending`.
 */
export function settleByHand(ctx: TreasuryContext, id: PayoutId, saying: Saying): StoredPayout | null {
  const { db, transact } = ctx;
  return transact(() => {
    const payout = readPayout(db, id);
    if (payout === null || isSaid(payout, saying)) return payout;
    if (payout.state !== "pending")
      throw new InfernetError(
        "payout_not_pending",
        `${id} is ${payout.state}: it does not wait for the operator.`,
      );
    if (saying.state === "returned") closeReturned(ctx, payout, saying.detail);
    else {
      // The operator's own funds hold the fee back themselves; an escrow's fee left it with the payment.
      if (payout.order.escrow === null) bookOwnFee(ctx, payout);
      closePaid(ctx, payout, saying.reference);
    }
    return readPayout(db, id);
  });
}

const isSaid = (payout: StoredPayout, saying: Saying): boolean =>
  payout.state === saying.state &&
  (saying.state === "paid" ? payout.reference === saying.reference : payout.detail === saying.detail);

function bookOwnFee({ db, unit, now }: TreasuryContext, { order }: StoredPayout): void {
  postToBook(db, bookCollected(order.id, { unit, place: null }, BigInt(order.fee_micro), now()));
}
