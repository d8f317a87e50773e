import { z } from "zod";
import { RunnerId } from "./ids.ts";
import { Unit } from "./ledger.ts";
import { MicroAmount } from "./money.ts";
import { SolanaAddress } from "./solana.ts";

/** `pay_` and a UUIDv7 in 32 hexadecimal digits. */
export const PayoutId = z
  .string()
  .regex(/^pay_[0-9a-f]{32}$/, "is not a payout id")
  .brand<"PayoutId">();
export type PayoutId = z.infer<typeof PayoutId>;

/**
 * What is to be sent to a provider, of one unit and from one place: it is asked for once, by the provider's object, and
 * comes out as `paid` or `returned`.
 */
export const PayoutOrder = z.strictObject({
  id: PayoutId,
  provider: RunnerId,
  unit: Unit,
  /** The escrow that pays; null for funds in the operator's books. */
  escrow: SolanaAddress.nullable(),
  micro: MicroAmount,
  /** The aggregator's fee on what the provider gets here. */
  fee_micro: MicroAmount,
  /** What the provider registered as its payout address; null when it registered none. */
  address: z.string().nullable(),
  ordered_ms: z.int(),
});
export type PayoutOrder = z.infer<typeof PayoutOrder>;

/** How a payout came out. `returned`: nothing was sent, and what it was for is payable again. */
export const PayoutResult = z.strictObject({
  id: PayoutId,
  state: z.enum(["paid", "returned"]),
  /** What shows it: a transaction's signature, or the operator's own reference. */
  reference: z.string().max(256).nullable(),
  detail: z.string().max(1_000).nullable(),
  at_ms: z.int(),
});
export type PayoutResult = z.infer<typeof PayoutResult>;
