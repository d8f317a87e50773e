import { z } from "zod";
import { RunnerId } from "./ids.ts";
import { Unit } from "./ledger.ts";
import { LIMITS } from "./limits.ts";
import { MicroAmount } from "./money.ts";
import { PageQuery } from "./page.ts";
import { PayoutId } from "./payout.ts";
import { TreasurySlashing } from "./slashing.ts";
import { SolanaAddress } from "./solana.ts";

/**
 * `due`: waits to be sent. `sending`: part of a payment that is under way. `pending`: only the operator can say what became
 * of it. `paid` and `returned` are ends: what was returned is the provider's to order again.
 */
export const PayoutState = z.enum(["due", "sending", "pending", "paid", "returned"]);
export type PayoutState = z.infer<typeof PayoutState>;

/** A payout as the operator sees it. */
export const TreasuryPayout = z
  .strictObject({
    id: PayoutId,
    object: z.literal("payout"),
    provider: RunnerId,
    unit: Unit,
    escrow: SolanaAddress.nullable(),
    micro: MicroAmount,
    fee_micro: MicroAmount,
    address: z.string().nullable(),
    state: PayoutState,
    /** Times that it came to nothing. */
    attempts: z.int(),
    reference: z.string().nullable(),
    detail: z.string().nullable(),
    ordered_at: z.iso.datetime(),
    /** When it came into its state. */
    since: z.iso.datetime(),
  })
  .meta({ id: "TreasuryPayout" });
export type TreasuryPayout = z.infer<typeof TreasuryPayout>;

export const PayoutQuery = PageQuery.extend({
  state: PayoutState.default("pending"),
  unit: Unit.default(Unit.parse("credit")),
});
export type PayoutQuery = z.infer<typeof PayoutQuery>;

/** The operator has sent it by means of its own. */
export const PaidRequest = z
  .strictObject({ reference: z.string().min(1).max(LIMITS.payout_reference_chars_max) })
  .meta({ id: "PaidRequest" });
export type PaidRequest = z.infer<typeof PaidRequest>;

/** It was not sent, and will not be. */
export const ReturnedRequest = z
  .strictObject({ detail: z.string().min(1).max(LIMITS.failure_detail_chars_max) })
  .meta({ id: "ReturnedRequest" });
export type ReturnedRequest = z.infer<typeof ReturnedRequest>;

/** A place that payouts come from. */
export const TreasuryPlace = z.strictObject({
  /** Null: the operator's own funds. */
  escrow: SolanaAddress.nullable(),
  /** What providers are owed from it and were not sent yet. */
  owed_micro: MicroAmount,
  paid_micro: MicroAmount,
  /** The aggregator's fees, those collected ahead of their payouts included. */
  fees_micro: MicroAmount,
  /** Why nothing new is paid from it; null when all is well. */
  halted: z.string().nullable(),
  /** What holds it up just now; null when nothing does. */
  detail: z.string().nullable(),
});
export type TreasuryPlace = z.infer<typeof TreasuryPlace>;

/** What the operator sees of one unit. */
export const Treasury = z
  .strictObject({
    unit: Unit,
    object: z.literal("treasury"),
    /** Why nothing is paid in this unit; null when the deployment is set up for it. */
    trouble: z.string().nullable(),
    /** Those that are halted or held up, and the operator's own funds. */
    places: z.array(TreasuryPlace),
    /** Bonds of providers that contradicted themselves, the latest first. */
    slashings: z.array(TreasurySlashing),
    /** What is wrong with the book, a sentence each; null unless it was asked for. */
    audit: z.array(z.string()).nullable(),
  })
  .meta({ id: "Treasury" });
export type Treasury = z.infer<typeof Treasury>;

/** The operator has looked at a place that was halted: what the chain says is right. */
export const Acknowledgement = z
  .strictObject({ unit: Unit, escrow: SolanaAddress })
  .meta({ id: "Acknowledgement" });
export type Acknowledgement = z.infer<typeof Acknowledgement>;
