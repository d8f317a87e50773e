import { EscrowError } from "@infernet/escrow/client/escrow-error";
import { parseTokenPayment, type TokenPayment } from "@infernet/escrow/client/payment/token-payment";
import { type Sha256, sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { AccountId } from "@infernet/schemas/ids";
import { PaymentPayload, type PaymentRequirements } from "@infernet/schemas/x402";
import { base64 } from "@scure/base";

/** A payment as it came in PAYMENT-SIGNATURE, whose payer has signed it. */
export interface OfferedPayment {
  /** sha256 of what is signed: the same however it is sent. */
  id: Sha256;
  /** The account that it makes. */
  account_id: AccountId;
  accepted: PaymentRequirements;
  payment: TokenPayment;
}

/** Throws `header_invalid`, and gives the fault of a transaction that nobody should sign for. */
export async function parseOfferedPayment(header: string): Promise<OfferedPayment | { fault: string }> {
  const { accepted, transaction } = readPayload(header);
  let payment: TokenPayment;
  try {
    payment = await parseTokenPayment(transaction);
  } catch (error) {
    if (error instanceof EscrowError && error.code === "payment_invalid") return { fault: error.message };
    throw error;
  }
  const id = await sha256(payment.message);
  return { id, account_id: AccountId.parse(`acct_${id.slice(0, 32)}`), accepted, payment };
}

function readPayload(header: string): Pick<PaymentPayload, "accepted"> & { transaction: Uint8Array } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(base64.decode(header)));
  } catch {
    throw new InfernetError("header_invalid", "PAYMENT-SIGNATURE is not JSON in base64.");
  }
  const payload = PaymentPayload.safeParse(json);
  if (payload.success) {
    const { accepted, payload: inner } = payload.data;
    return { accepted, transaction: base64.decode(inner.transaction) };
  }
  const [issue] = payload.error.issues;
  throw new InfernetError(
    "header_invalid",
    `PAYMENT-SIGNATURE is not a payment of x402 version 2, scheme exact, on Solana: /${issue?.path.join("/") ?? ""}: ${issue?.message ?? "cannot be used"}.`,
  );
}
