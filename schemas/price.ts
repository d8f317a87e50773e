import { z } from "zod";
import { Unit } from "./ledger.ts";
import { LIMITS } from "./limits.ts";
import { MicroAmount } from "./money.ts";
import { SolanaAddress } from "./solana.ts";

/** The aggregator's part of what is paid, in hundredths of a percent: 0.5 to 2 %. */
export const FeeBps = z.int().min(LIMITS.fee_bps_min).max(LIMITS.fee_bps_max);
export type FeeBps = z.infer<typeof FeeBps>;

/** What a job was priced at when it was accepted. */
export const PriceTerms = z.strictObject({
  /** What it is paid in. Units are never mixed. */
  unit: Unit,
  /** The escrow that pays for it; null for funds in the operator's books. */
  escrow: SolanaAddress.nullable(),
  /** The most that it costs. */
  quoted_micro: MicroAmount,
  /**
   * Rows that the quote pays for, checks included: if fewer were computed, it costs less. Of a model that generates text
   * units of tokens, see `tokenUnits`.
   */
  priced_rows: z.int().min(1),
  fee_bps: FeeBps,
});
export type PriceTerms = z.infer<typeof PriceTerms>;

/** What a job that is over has cost, all of it in micro-units. */
export const Settlement = z.strictObject({
  /** What it cost at its end. */
  charged_micro: MicroAmount,
  /** What came back since, for shards that were found wrong. */
  refunded_micro: MicroAmount,
  /** The aggregator's part of the rest; what is left is the providers'. */
  fee_micro: MicroAmount,
});
export type Settlement = z.infer<typeof Settlement>;
