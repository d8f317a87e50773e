import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import { SolanaAddress } from "@infernet/schemas/solana";
import {
  type PaymentRequired,
  type PaymentRequirements,
  type PaymentResponse,
  SolanaNetwork,
} from "@infernet/schemas/x402";
import { base64, base64urlnopad } from "@scure/base";

/** What a payment has to be, for a job of now. */
export interface Due {
  network: SolanaNetwork;
  mint: string;
  /** The house escrow, and its token account. */
  escrow: string;
  vault: string;
  /** The aggregator. */
  fee_payer: string;
  amount: bigint;
}

/** The CAIP-2 name of the cluster with this genesis hash. */
export const networkOf = (genesis_hash: string): SolanaNetwork =>
  SolanaNetwork.parse(`solana:${genesis_hash.slice(0, 32)}`);

const requirementsOf = (due: Due): PaymentRequirements => ({
  scheme: "exact",
  network: due.network,
  asset: SolanaAddress.parse(due.mint),
  amount: due.amount.toString(),
  payTo: SolanaAddress.parse(due.escrow),
  maxTimeoutSeconds: LIMITS.x402_timeout_seconds,
  extra: {
    feePayer: SolanaAddress.parse(due.fee_payer),
    claim: base64urlnopad.encode(crypto.getRandomValues(new Uint8Array(16))),
  },
});

/** The 402 that says what to pay. @param fault what is wrong with the payment that came; null when none did */
export function paymentRequired(url: string, due: Due, fault: string | null): InfernetError {
  const detail =
    fault === null
      ? `The job costs up to ${due.amount} micro-units of ${due.mint}.`
      : `The payment was not taken: ${fault}. Nothing was charged.`;
  const required: PaymentRequired = {
    x402Version: 2,
    error: detail,
    resource: { url, description: "A job on Infernet", mimeType: "application/json" },
    accepts: [requirementsOf(due)],
  };
  return new InfernetError("payment_required", detail, {
    headers: { "PAYMENT-REQUIRED": encodeHeader(required), "Cache-Control": "no-store" },
  });
}

/** How the three headers of x402 spell their objects. */
export const encodeHeader = (value: PaymentRequired | PaymentResponse): string =>
  base64.encode(new TextEncoder().encode(JSON.stringify(value)));
