import { nextEscrowCheck } from "@infernet/db/treasury/escrows";
import { listOpenPayments, nextOpenPayment, readOpenPayment } from "@infernet/db/treasury/payments";
import { listDuePayouts, nextDuePayout, type StoredPayout } from "@infernet/db/treasury/payouts";
import { nextResult } from "@infernet/db/treasury/results";
import { nextSlashing } from "@infernet/db/treasury/slashings";
import { OWN_FUNDS } from "@infernet/db/treasury/store";
import { LIMITS } from "@infernet/schemas/limits";
import type { Rail } from "../rails/rail.ts";
import { advancePayment } from "./advance-payment.ts";
import type { TreasuryContext } from "./context.ts";
import { guardPlace } from "./guard-place.ts";
import { reconcile } from "./reconcile.ts";
import { slashBonds } from "./slash-bonds.ts";
import { startPayment } from "./start-payment.ts";
import { tellResults } from "./tell-results.ts";

/**
 * Everything that a treasury has to do by now. To be run by one at a time; whatever it dies of, the next run goes on.
 * @returns when it has to run again, in Unix ms; null when nothing is to come
 */
export async function runTreasury(ctx: TreasuryContext): Promise<number | null> {
  const rail = await openRail(ctx);
  if (rail !== null) {
    await advanceOpen(ctx, rail);
    await startDue(ctx, rail);
    if (rail.escrows !== null) await reconcile(ctx, rail.escrows);
    if (rail.bonds !== undefined) await slashBonds(ctx, rail.bonds);
  }
  await tellResults(ctx);
  return nextRun(ctx, rail);
}

/** A deployment that is not set up for the unit pays nothing, and goes on telling what came out. */
async function openRail({ rail, unit, warn }: TreasuryContext): Promise<Rail | null> {
  try {
    return await rail();
  } catch (error) {
    warn("nothing is paid in a unit", { unit, error: String(error) });
    return null;
  }
}

async function advanceOpen(ctx: TreasuryContext, rail: Rail): Promise<void> {
  const open = listOpenPayments(ctx.db, ctx.now(), LIMITS.payments_advanced_at_once);
  await Promise.all(
    open.map((payment) => guardPlace(ctx, payment.place, () => advancePayment(ctx, rail, payment))),
  );
}

async function startDue(ctx: TreasuryContext, rail: Rail): Promise<void> {
  const due = Map.groupBy(
    listDuePayouts(ctx.db, ctx.now(), LIMITS.payouts_chosen_from),
    ({ order }) => order.escrow ?? OWN_FUNDS,
  );
  const places = [...due].slice(0, LIMITS.payments_advanced_at_once);
  await Promise.all(
    places.map(([key, payouts]) => guardPlace(ctx, key, () => payFrom(ctx, rail, key, payouts))),
  );
}

async function payFrom(
  ctx: TreasuryContext,
  rail: Rail,
  key: string,
  payouts: readonly StoredPayout[],
): Promise<void> {
  await startPayment(ctx, rail, payouts[0]?.order.escrow ?? null, payouts);
  const payment = readOpenPayment(ctx.db, key);
  if (payment !== null) await advancePayment(ctx, rail, payment);
}

function nextRun({ db, now }: TreasuryContext, rail: Rail | null): number | null {
  const payments = [nextOpenPayment(db), nextDuePayout(db), nextSlashing(db)].filter(
    (at_ms) => at_ms !== null,
  );
  const checks = rail?.escrows ? [nextEscrowCheck(db)] : [];
  const paused = payments.length > 0 ? [now() + LIMITS.reconcile_ms] : [];
  const times = [...(rail === null ? paused : payments), ...checks, nextResult(db)];
  const known = times.filter((at_ms) => at_ms !== null);
  return known.length === 0 ? null : Math.max(Math.min(...known), now() + 1);
}
