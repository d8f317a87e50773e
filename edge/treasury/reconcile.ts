import { listDueEscrows, updateEscrow } from "@infernet/db/treasury/escrows";
import { readOpenPayment } from "@infernet/db/treasury/payments";
import { LIMITS } from "@infernet/schemas/limits";
import type { EscrowDesk } from "../rails/rail.ts";
import type { TreasuryContext } from "./context.ts";
import { guardPlace } from "./guard-place.ts";
import { readOpenEscrow } from "./read-open-escrow.ts";

/** Compares escrows with the book whose time has come. One that a payment is under way from has its turn after it. */
export async function reconcile(ctx: TreasuryContext, desk: EscrowDesk): Promise<void> {
  const { db, now } = ctx;
  for (const { escrow } of listDueEscrows(db, now(), LIMITS.places_reconciled_at_once)) {
    const isBusy = readOpenPayment(db, escrow) !== null;
    const pause_ms = isBusy ? LIMITS.treasury_retry_ms_max : LIMITS.reconcile_ms;
    updateEscrow(db, escrow, { check_ms: now() + pause_ms });
    if (!isBusy)
      await guardPlace(ctx, escrow, async () => {
        await readOpenEscrow(ctx, desk, escrow);
      });
  }
}
