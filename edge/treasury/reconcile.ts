import { listDueEscrows, updateEscrow } from "@infernet/db/treasury/escrows";
import { readOpenPayment } from "@infernet/db/treasury/payments";
import { LIMITS } from "@infernet/schemas/limits";
import type { SolanaAddress } from "@infernet/schemas/solana";
import type { EscrowDesk } from "../rails/rail.ts";
import type { TreasuryContext } from "./context.ts";
import { guardPlace } from "./guard-place.ts";
import { readOpenEscrow } from "./read-open-escrow.ts";

/** Compares escrows with the book whose time has come. One that a payment is under way from has its turn after it. */
export async function reconcile(ctx: TreasuryContext, desk: EscrowDesk): Promise<void> {
  const { db, now } = ctx;
  const due = listDueEscrows(db, now(), LIMITS.places_reconciled_at_once);
  await Promise.all(due.map(({ escrow }) => compare(ctx, desk, escrow)));
}

async function compare(ctx: TreasuryContext, desk: EscrowDesk, escrow: SolanaAddress): Promise<void> {
  const { db, now } = ctx;
  const isBusy = readOpenPayment(db, escrow) !== null;
  const pause_ms = isBusy ? LIMITS.treasury_retry_ms_max : LIMITS.reconcile_ms;
  updateEscrow(db, escrow, { check_ms: now() + pause_ms });
  if (isBusy) return;
  await guardPlace(ctx, escrow, async () => {
    await readOpenEscrow(ctx, desk, escrow);
  });
}
