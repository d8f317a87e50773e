import { updateEscrow } from "@infernet/db/treasury/escrows";
import { writePlace } from "@infernet/db/treasury/places";
import { bookOthers } from "@infernet/protocol/settlement-batch/treasury-book";
import { type SolanaAddress, solanaHex } from "@infernet/schemas/solana";
import { postToBook, sumOf } from "./book.ts";
import type { TreasuryContext } from "./context.ts";

/** An escrow is gone for good: what was left went back to its client, and it is not compared with the book any more. */
export function closeEscrow({ db, unit, now, transact }: TreasuryContext, escrow: SolanaAddress): void {
  transact(() => {
    updateEscrow(db, escrow, { check_ms: null });
    const rest = sumOf(db, unit, escrow, "funds") + sumOf(db, unit, escrow, "owed");
    if (rest > 0n)
      postToBook(db, bookOthers(`refund:${solanaHex(escrow)}`, { unit, place: escrow }, rest, now()));
    writePlace(db, escrow, { halted: null });
  });
}
