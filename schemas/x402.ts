import { z } from "zod";
import { MicroAmount } from "./money.ts";
import { SolanaAddress } from "./solana.ts";

/**
 * x402 version 2 as `POST /jobs` speaks it: the scheme `exact` on Solana. The three headers hold these objects as JSON in
 * base64. Source: specs/x402-specification-v2.md and specs/schemes/exact/scheme_exact_svm.md of x402-foundation/x402.
 */

/** A Solana cluster in CAIP-2: the first 32 characters of its genesis hash. */
export const SolanaNetwork = z.string().regex(/^solana:[1-9A-HJ-NP-Za-km-z]{32}$/);
export type SolanaNetwork = z.infer<typeof SolanaNetwork>;

export const PaymentRequirements = z.object({
  scheme: z.literal("exact"),
  network: SolanaNetwork,
  /** The coin's mint. */
  asset: SolanaAddress,
  /** In the coin's smallest parts. */
  amount: MicroAmount,
  /** The owner of the associated token account that is paid into. */
  payTo: SolanaAddress,
  maxTimeoutSeconds: z.int().min(1),
  extra: z.object({
    /** Who pays the network's fee, and so is the transaction's first signer. */
    feePayer: SolanaAddress,
    /** 128 random bits in base64url. No chain shows them: whoever repeats a payment shows with them that it is its own. */
    claim: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  }),
});
export type PaymentRequirements = z.infer<typeof PaymentRequirements>;

/** `PAYMENT-REQUIRED`, with a 402. */
export const PaymentRequired = z.object({
  x402Version: z.literal(2),
  error: z.string(),
  resource: z.object({ url: z.string(), description: z.string(), mimeType: z.string() }),
  accepts: z.array(PaymentRequirements),
});
export type PaymentRequired = z.infer<typeof PaymentRequired>;

/** `PAYMENT-SIGNATURE`, with the request that is paid for. */
export const PaymentPayload = z.object({
  x402Version: z.literal(2),
  /** The requirements, repeated. */
  accepted: PaymentRequirements,
  /** The transaction in base64, signed by all but the fee payer. */
  payload: z.object({ transaction: z.base64().max(2_048) }),
});
export type PaymentPayload = z.infer<typeof PaymentPayload>;

/** `PAYMENT-RESPONSE`, with the answer to a request that was paid for. */
export const PaymentResponse = z.object({
  success: z.literal(true),
  /** The transaction's signature. */
  transaction: z.string(),
  network: SolanaNetwork,
  payer: SolanaAddress,
  amount: MicroAmount,
});
export type PaymentResponse = z.infer<typeof PaymentResponse>;
