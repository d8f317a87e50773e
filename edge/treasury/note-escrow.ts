import { readEscrow, type StoredEscrow, updateEscrow } from "@infernet/db/treasury/escrows";
import { readPlace, writePlace } from "@infernet/db/treasury/places";
import { bookDeposit } from "@infernet/protocol/settlement-batch/treasury-book";
import type { EscrowState } from "../rails/rail.ts";
import { depositedIn, postToBook } from "./book.ts";
import type { TreasuryContext } from "./context.ts";

/** Writes down what the chain says of a registered escrow: more may have been paid in, and its deadline may have moved. */
export function noteEscrow({ db, unit, transact, now }: TreasuryContext, state: EscrowState): void {
  transact(() => {
    const known = readEscrow(db, state.escrow);
    if (known === null) return;
    const { deposited, paid, deadline_ms } = newest(known, state);
    const booked = depositedIn(db, unit, state.escrow);
    if (deposited > booked)
      postToBook(db, bookDeposit(unit, state.escrow, { deposited, known: booked }, now()));
    updateEscrow(db, state.escrow, { deposited, paid, deadline_ms });
    const position = Math.max(readPlace(db, state.escrow).position, state.position);
    writePlace(db, state.escrow, { position });
  });
}

/** None of these ever becomes less: a smaller one was read by an endpoint that lags. */
const newest = (known: StoredEscrow, state: EscrowState) => ({
  deposited: known.deposited > state.deposited ? known.deposited : state.deposited,
  paid: known.paid > state.paid ? known.paid : state.paid,
  deadline_ms: Math.max(known.deadline_ms, state.deadline_ms),
});
