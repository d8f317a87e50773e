import { RunnerId } from "@infernet/schemas/ids";
import { type PayoutId, PayoutId as PayoutIdSchema } from "@infernet/schemas/payout";
import { SolanaAddress } from "@infernet/schemas/solana";
import { z } from "zod";
import type { PaymentTerms } from "../rails/rail.ts";

const Whole = z
  .string()
  .regex(/^\d+$/)
  .transform((digits) => BigInt(digits));

const Terms = z.strictObject({
  place: z
    .strictObject({ escrow: SolanaAddress, opened: z.string(), sequence: z.int(), voucher: z.string() })
    .nullable(),
  shares: z.array(
    z.strictObject({
      provider: RunnerId,
      address: z.string().nullable(),
      amount: Whole,
      payouts: z.array(PayoutIdSchema),
    }),
  ),
  fee: Whole,
});

/** The terms of a payment, with the payouts that each share is for. */
export interface StoredTerms extends PaymentTerms {
  shares: readonly (PaymentTerms["shares"][number] & { payouts: PayoutId[] })[];
}

export const renderTerms = (terms: StoredTerms): string =>
  JSON.stringify(terms, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));

export const parseTerms = (text: string): StoredTerms => Terms.parse(JSON.parse(text));

/** All payouts that a payment carries. */
export const payoutsIn = ({ shares }: StoredTerms): PayoutId[] => shares.flatMap(({ payouts }) => payouts);

/** What a rail is given of them. */
export const termsForRail = ({ place, shares, fee }: StoredTerms): PaymentTerms => ({
  place,
  fee,
  shares: shares.map(({ provider, address, amount }) => ({ provider, address, amount })),
});
