import { z } from "zod";
import { JobId } from "./ids.ts";
import { Unit } from "./ledger.ts";
import { MicroAmount } from "./money.ts";
import { PayoutId, PayoutOrder, PayoutResult } from "./payout.ts";
import { SolanaAddress } from "./solana.ts";

/**
 * Where the money of one job's work is. `held`: later evidence can still take it back. `payable`: it is the provider's.
 * `ordered`: it is on its way. `taken_back`: a conviction took it.
 */
export const EarningState = z.enum(["held", "payable", "taken_back", "ordered", "paid"]);
export type EarningState = z.infer<typeof EarningState>;

/** What a provider has earned in one job. */
export interface Earning {
  job_id: JobId;
  unit: Unit;
  /** The escrow that pays; null for funds in the operator's books. */
  escrow: SolanaAddress | null;
  micro: bigint;
  /** The aggregator's fee on it. */
  fee: bigint;
  /** When the job told of it last, and when it is the provider's for good, in Unix ms. */
  at_ms: number;
  ripens_ms: number;
  state: EarningState;
  payout: PayoutId | null;
}

/** What is held no longer, of one unit. */
export interface RipeSum {
  unit: Unit;
  micro: bigint;
  /** The greatest of the jobs' ids. */
  last_job: JobId;
}

/** What is payable of one unit from one place. */
export interface PayablePlace {
  unit: Unit;
  escrow: SolanaAddress | null;
  micro: bigint;
  /** The aggregator's fee on it. */
  fee: bigint;
}

/** An entry of `GET /providers/me/earnings`. */
export const EarningView = z
  .strictObject({
    job_id: JobId,
    unit: Unit,
    escrow: SolanaAddress.nullable(),
    /** Shards that it computed in the job, and checks that it made of others': what the pay is for. */
    shards: z.int(),
    checks: z.int(),
    earned_micro: MicroAmount,
    state: EarningState,
    earned_at: z.iso.datetime(),
    held_until: z.iso.datetime(),
    payout: PayoutId.nullable(),
    /** What shows that it was sent: a transaction's signature, or the operator's reference. */
    reference: z.string().nullable(),
  })
  .meta({ id: "Earning" });
export type EarningView = z.infer<typeof EarningView>;

/** Sums of a provider's book in one unit, in micro-units. */
export const EarningSums = z.strictObject({
  unit: Unit,
  held_micro: MicroAmount,
  payable_micro: MicroAmount,
  ordered_micro: MicroAmount,
  paid_micro: MicroAmount,
  taken_back_micro: MicroAmount,
});
export type EarningSums = z.infer<typeof EarningSums>;

/** What `GET /providers/me/earnings` answers: a page of entries, the latest first, with the sums of all. */
export const Earnings = z
  .strictObject({
    sums: z.array(EarningSums),
    data: z.array(EarningView),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "Earnings" });
export type Earnings = z.infer<typeof Earnings>;

/** `due`: on its way to whoever sends it. The last two are final. */
export const PayoutState = z.enum(["due", "ordered", "paid", "returned"]);
export type PayoutState = z.infer<typeof PayoutState>;

export const PayoutView = z
  .strictObject({ order: PayoutOrder, state: PayoutState, result: PayoutResult.nullable() })
  .meta({ id: "Payout" });
export type PayoutView = z.infer<typeof PayoutView>;
