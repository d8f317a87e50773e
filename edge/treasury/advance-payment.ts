import { addStep, closePayment, listSteps, type StoredPayment } from "@infernet/db/treasury/payments";
import { readPayouts, type StoredPayout, updatePayout } from "@infernet/db/treasury/payouts";
import { readPlace, writePlace } from "@infernet/db/treasury/places";
import { bookCollected } from "@infernet/protocol/settlement-batch/treasury-book";
import { LIMITS } from "@infernet/schemas/limits";
import type { PaymentOutcome, Rail } from "../rails/rail.ts";
import { postToBook } from "./book.ts";
import { closePaid, setBack } from "./close-payout.ts";
import type { TreasuryContext } from "./context.ts";
import { parseTerms, payoutsIn, type StoredTerms, termsForRail } from "./payment-terms.ts";
import { halt } from "./read-open-escrow.ts";

type Settled<State extends PaymentOutcome["state"]> = Extract<PaymentOutcome, { state: State }>;

/**
 * Goes on with a stored payment: looks where it is, sends what was signed if that can help, and writes down the end when
 * there is one. May be repeated at any time. Throws `chain_unavailable` and `chain_contradicts`.
 */
export async function advancePayment(
  ctx: TreasuryContext,
  rail: Rail,
  payment: StoredPayment,
): Promise<void> {
  const terms = parseTerms(payment.terms);
  const steps = listSteps(ctx.db, payment.id);
  const outcome = await lookThrough(rail, steps);
  switch (outcome.state) {
    case "unknown":
      return wait(ctx, payment, LIMITS.payment_poll_ms, outcome.detail);
    case "pending":
      return wait(ctx, payment, LIMITS.payment_poll_ms, null);
    case "done":
      return finish(ctx, payment, terms, outcome);
    case "failed":
      return fail(ctx, payment, terms, outcome);
    case "handed_over":
      return handOver(ctx, payment, terms, outcome);
    case "expired":
      return prepareAnew(ctx, rail, payment, terms);
    default:
      return outcome satisfies never;
  }
}

/**
 * Asks after the newest step, and after those before it when that one came to nothing: an earlier one may have happened
 * though somebody said that it never would.
 */
async function lookThrough(rail: Rail, steps: readonly string[]): Promise<PaymentOutcome> {
  const [newest, ...earlier] = steps.toReversed();
  if (newest === undefined) throw new Error("a payment was stored without a step");
  const first = await rail.advance(newest);
  if (first.state !== "failed" && first.state !== "expired") return first;
  for (const step of first.state === "failed" ? earlier : []) {
    const outcome = await rail.advance(step);
    if (outcome.state !== "failed" && outcome.state !== "expired") return outcome;
  }
  return first;
}

function wait(
  { db, now }: TreasuryContext,
  { place }: StoredPayment,
  pause_ms: number,
  detail: string | null,
) {
  writePlace(db, place, { next_ms: now() + pause_ms, failures: 0, detail });
}

/** Its payees have been paid, or passed over by the chain. */
function finish(
  ctx: TreasuryContext,
  { id, place: key }: StoredPayment,
  terms: StoredTerms,
  { reference, paid, fee, position }: Settled<"done">,
): void {
  const { db, unit, now, transact } = ctx;
  transact(() => {
    postToBook(db, bookCollected(id, { unit, place: terms.place?.escrow ?? null }, fee, now()));
    for (const [i, { payouts }] of terms.shares.entries())
      for (const payout of stillSending(readPayouts(db, payouts)))
        if (paid[i] === true) closePaid(ctx, payout, reference);
        else setBack(ctx, payout, "it was passed over: its account could not be paid into");
    closePayment(db, id, { state: "done", reference, detail: null, at_ms: now() });
    const sequence = terms.place === null ? null : terms.place.sequence + 1;
    writePlace(db, key, { ...freed(ctx, key, position), sequence, halted: null });
  });
}

function fail(
  ctx: TreasuryContext,
  { id, place }: StoredPayment,
  terms: StoredTerms,
  { detail, position }: Settled<"failed">,
): void {
  const { db, now, transact } = ctx;
  transact(() => {
    const text = `the payment failed and moved nothing: ${detail}`;
    for (const payout of stillSending(readPayouts(db, payoutsIn(terms)))) setBack(ctx, payout, text);
    closePayment(db, id, { state: "failed", reference: null, detail, at_ms: now() });
    writePlace(db, place, freed(ctx, place, position));
  });
}

/** From here on the operator says for each payout what became of it. */
function handOver(
  ctx: TreasuryContext,
  { id, place }: StoredPayment,
  terms: StoredTerms,
  { reference, detail, position }: Settled<"handed_over">,
): void {
  const { db, now, transact } = ctx;
  transact(() => {
    for (const { order } of stillSending(readPayouts(db, payoutsIn(terms))))
      updatePayout(db, order.id, { state: "pending", reference, detail, at_ms: now() });
    closePayment(db, id, { state: "handed_over", reference, detail, at_ms: now() });
    writePlace(db, place, { ...freed(ctx, place, position), sequence: null });
  });
}

/** What was signed will never happen: the same payment, under the same number, is signed again. */
async function prepareAnew(
  ctx: TreasuryContext,
  rail: Rail,
  payment: StoredPayment,
  terms: StoredTerms,
): Promise<void> {
  const { db, now, transact } = ctx;
  const preparation = await rail.prepare(termsForRail(terms));
  switch (preparation.kind) {
    case "prepared":
      transact(() => {
        addStep(db, payment.id, preparation.step, now());
        writePlace(db, payment.place, { next_ms: now(), failures: 0, detail: null });
      });
      return;
    case "superseded":
      return resolveSuperseded(ctx, rail, payment, terms);
    case "refused":
      return giveUp(ctx, payment, terms, preparation.detail);
    default:
      preparation satisfies never;
  }
}

/**
 * A payment of this number has happened. If it was none of those that were signed here, others released from the place, and
 * a person has to look before anything else is paid from it.
 */
async function resolveSuperseded(
  ctx: TreasuryContext,
  rail: Rail,
  payment: StoredPayment,
  terms: StoredTerms,
): Promise<void> {
  for (const step of listSteps(ctx.db, payment.id).toReversed()) {
    const outcome = await rail.advance(step);
    if (outcome.state === "done") return finish(ctx, payment, terms, outcome);
    if (outcome.state === "handed_over") return handOver(ctx, payment, terms, outcome);
    if (outcome.state !== "expired" && outcome.state !== "failed")
      return wait(ctx, payment, LIMITS.payment_poll_ms, null);
  }
  if (terms.place !== null)
    halt(
      ctx,
      terms.place.escrow,
      `payment ${terms.place.sequence} from it happened, and is none of this book's`,
    );
  return wait(ctx, payment, LIMITS.treasury_retry_ms_max, "superseded");
}

/** It never happened and cannot be signed any more: its payouts are looked at anew, each by itself. */
function giveUp(
  ctx: TreasuryContext,
  { id, place }: StoredPayment,
  terms: StoredTerms,
  detail: string,
): void {
  const { db, now, transact } = ctx;
  transact(() => {
    for (const payout of stillSending(readPayouts(db, payoutsIn(terms)))) setBack(ctx, payout, detail);
    closePayment(db, id, { state: "given_up", reference: null, detail, at_ms: now() });
    writePlace(db, place, { next_ms: now(), failures: 0, detail: null });
  });
}

/** A place whose payment has come to an end, at a position that is never less than one it was known at. */
const freed = ({ db, now }: TreasuryContext, place: string, position: number) => ({
  position: Math.max(readPlace(db, place).position, position),
  next_ms: now(),
  failures: 0,
  detail: null,
});

/** Those that nobody has closed since. */
const stillSending = (payouts: readonly StoredPayout[]): StoredPayout[] =>
  payouts.filter(({ state }) => state === "sending");
