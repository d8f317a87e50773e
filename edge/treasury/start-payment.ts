import { insertPayment } from "@infernet/db/treasury/payments";
import { type StoredPayout, updatePayout } from "@infernet/db/treasury/payouts";
import { writePlace } from "@infernet/db/treasury/places";
import { OWN_FUNDS } from "@infernet/db/treasury/store";
import { type Batch, type BatchBounds, chooseBatch } from "@infernet/protocol/settlement-batch/choose-batch";
import type { Place } from "@infernet/protocol/settlement-batch/treasury-book";
import { LIMITS } from "@infernet/schemas/limits";
import type { PayoutId } from "@infernet/schemas/payout";
import type { EscrowState, Rail } from "../rails/rail.ts";
import { sumOf } from "./book.ts";
import { closeReturned, setBack } from "./close-payout.ts";
import type { TreasuryContext } from "./context.ts";
import { payoutsIn, renderTerms, type StoredTerms, termsForRail } from "./payment-terms.ts";
import { readOpenEscrow } from "./read-open-escrow.ts";

/** A place that can be paid from, as it is now. */
interface Source {
  place: Place;
  state: EscrowState | null;
  voucher: string | null;
  bounds: BatchBounds;
}

/**
 * Begins the next payment from a place: chooses payouts, prepares the payment, and stores it with what was signed. Nothing
 * has left when this is done. Payouts that cannot be paid now are put off or returned, and hold up no others. Throws
 * `chain_unavailable` and `chain_contradicts`.
 */
export async function startPayment(
  ctx: TreasuryContext,
  rail: Rail,
  place: Place,
  due: readonly StoredPayout[],
): Promise<void> {
  const source = await openSource(ctx, rail, place);
  if (source === "halted") return;
  if (typeof source !== "object" || "over" in source) {
    for (const payout of due) ctx.transact(() => closeReturned(ctx, payout, source.over));
    return;
  }
  const batch = await chooseReady(ctx, rail, source, due);
  if (batch === null) return;
  const terms = termsOf(source, batch);
  const preparation = await rail.prepare(termsForRail(terms));
  switch (preparation.kind) {
    case "prepared":
      store(ctx, place, terms, preparation.step);
      return;
    case "superseded":
      throw new Error("another payment from this place happened in between");
    case "refused": {
      const chosen = new Set(payoutsIn(terms));
      const refused = due.filter(({ order }) => chosen.has(order.id));
      for (const payout of refused) ctx.transact(() => setBack(ctx, payout, preparation.detail));
      return;
    }
    default:
      preparation satisfies never;
  }
}

async function openSource(
  ctx: TreasuryContext,
  rail: Rail,
  place: Place,
): Promise<Source | { over: string } | "halted"> {
  const { db, unit } = ctx;
  const { payees_per_payment: payees_max, smallest_payment: shared_min } = rail.capabilities;
  const collected = sumOf(db, unit, place, "collected");
  if (place === null) {
    const bounds = { payees_max, shared_min, collected, available: null, fee_bps_max: null };
    return { place, state: null, voucher: null, bounds };
  }
  if (rail.escrows === null) return { over: `payouts in ${unit} come from no escrow` };
  const read = await readOpenEscrow(ctx, rail.escrows, place);
  if (read.kind === "halted") return "halted";
  if (read.kind === "over") return { over: read.detail };
  const { state, known } = read;
  const there = state.deposited - state.paid;
  const allowed = known.limit - state.paid;
  const available = there < allowed ? there : allowed;
  const bounds = { payees_max, shared_min, collected, available, fee_bps_max: state.fee_bps };
  return { place, state, voucher: known.voucher, bounds };
}

/** The batch to be paid, whose payees are all ready; null when there is none now. */
async function chooseReady(
  ctx: TreasuryContext,
  rail: Rail,
  { state, bounds }: Source,
  due: readonly StoredPayout[],
): Promise<Batch | null> {
  const waiting = new Map(due.map((payout) => [payout.order.id, payout]));
  const ready = new Set<string>();
  const putOff = (ids: readonly PayoutId[], detail: string) => {
    for (const id of ids) {
      const payout = waiting.get(id);
      if (payout !== undefined) ctx.transact(() => setBack(ctx, payout, detail));
      waiting.delete(id);
    }
  };
  for (;;) {
    const choice = chooseBatch([...waiting.values()].map(toDue(rail)), bounds);
    putOff(choice.unaffordable, `the escrow has ${bounds.available} to give`);
    if (choice.kind === "wait") {
      putOffSmall(ctx, rail, [...waiting.values()]);
      return null;
    }
    const unknown = choice.batch.shares.filter(({ provider }) => !ready.has(provider));
    if (unknown.length === 0) return choice.batch;
    const checks = await rail.checkPayees(state, unknown);
    for (const [i, { provider, payouts }] of unknown.entries()) {
      const check = checks[i];
      if (check?.state === "ready") ready.add(provider);
      else putOff(payouts, `${check?.state ?? "missing"}: ${check?.detail ?? "the payee was not found"}`);
    }
  }
}

/** On a rail with bonds the bond names where a provider is paid, so that all of a provider's payouts make one share. */
const toDue =
  (rail: Rail) =>
  ({ order }: StoredPayout) => ({
    id: order.id,
    provider: order.provider,
    address: rail.capabilities.bonds ? null : order.address,
    amount: BigInt(order.micro),
    fee: BigInt(order.fee_micro),
  });

/** What is too small to be sent waits for more, and goes back when nothing comes. */
function putOffSmall(ctx: TreasuryContext, rail: Rail, payouts: readonly StoredPayout[]): void {
  const { db, now, transact, unit } = ctx;
  const detail = `a payment in ${unit} takes at least ${rail.capabilities.smallest_payment}`;
  for (const payout of payouts)
    transact(() => {
      if (payout.order.ordered_ms + LIMITS.payout_small_wait_ms <= now()) closeReturned(ctx, payout, detail);
      else updatePayout(db, payout.order.id, { next_ms: now() + LIMITS.payout_retry_ms_max, detail });
    });
}

const termsOf = ({ place, state, voucher }: Source, { shares, fee }: Batch): StoredTerms => ({
  place:
    place === null || state === null || voucher === null
      ? null
      : { escrow: place, opened: state.opened, sequence: state.sequence, voucher },
  shares,
  fee,
});

/** The payment, what was signed for it, and that its payouts are in it: all of it or nothing. */
function store(ctx: TreasuryContext, place: Place, terms: StoredTerms, step: string): void {
  const { db, now, transact, uuid } = ctx;
  const key = place ?? OWN_FUNDS;
  transact(() => {
    const id = `pmt_${uuid()}`;
    insertPayment(db, { id, place: key, terms: renderTerms(terms), step }, now());
    for (const payout of payoutsIn(terms))
      updatePayout(db, payout, { state: "sending", payment: id, detail: null, at_ms: now() });
    writePlace(db, key, { next_ms: now(), failures: 0, detail: null });
  });
}
