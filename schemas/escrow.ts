import { z } from "zod";
import { MicroAmount } from "./money.ts";
import { SolanaAddress } from "./solana.ts";

/** An escrow and the client's signed word on how much of it may be released. */
export const EscrowRegistration = z
  .strictObject({
    escrow: SolanaAddress,
    /** `<escrow>.<opened_slot>.<limit>.<signature>`: see the README of the escrow program's client. */
    voucher: z.string().max(200),
  })
  .meta({ id: "EscrowRegistration" });
export type EscrowRegistration = z.infer<typeof EscrowRegistration>;

/** An escrow as it is known here, in the unit's smallest parts. */
export const Escrow = z
  .strictObject({
    escrow: SolanaAddress,
    object: z.literal("escrow"),
    /** Who opened it, signs its vouchers and gets back what is left. */
    client: SolanaAddress,
    /** Everything that was ever paid into it. */
    deposited_micro: MicroAmount,
    /** What may be released from it in all, by the client's newest voucher. */
    limit_micro: MicroAmount,
    /** The least of both, less what was released by other hands: what jobs can cost in all, those that are paid for included. */
    spendable_micro: MicroAmount,
    /** What was released so far, fees included. */
    paid_micro: MicroAmount,
    /** What a provider must have bonded to be paid from it. */
    min_bond_micro: MicroAmount,
    /** The largest part of what is released that may be the aggregator's, in hundredths of a percent. */
    fee_bps: z.int().min(0),
    /** Until when it can be released from. */
    deadline: z.iso.datetime(),
  })
  .meta({ id: "Escrow" });
export type Escrow = z.infer<typeof Escrow>;
