import { base58 } from "@scure/base";
import { EscrowError } from "../escrow-error.ts";
import type { Signer } from "../signer.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import { verifyEd25519 } from "../verify-ed25519.ts";
import type { TokenPayment } from "./token-payment.ts";

/**
 * Signs a payment as the one who pays its fee, and sends nothing. The same payment gives the same bytes each time. Throws
 * signer_missing when it names another fee payer, and signature_invalid.
 *
 * @param last_valid_block_height no earlier than the last block that can hold it
 */
export async function coSignPayment(
  payment: TokenPayment,
  fee_payer: Signer,
  last_valid_block_height: number,
): Promise<SignedTransaction> {
  if (payment.fee_payer !== fee_payer.address)
    throw new EscrowError("signer_missing", `the payment's fee payer is ${payment.fee_payer}`);
  const signature = await fee_payer.sign(payment.message);
  if (!(await verifyEd25519(fee_payer.address, payment.message, signature)))
    throw new EscrowError("signature_invalid", `the signer of ${fee_payer.address} did not sign the payment`);
  const raw = new Uint8Array(payment.raw);
  // One byte holds the number of signatures; the fee payer's is the first.
  raw.set(signature, 1);
  return { signature: base58.encode(signature), raw, last_valid_block_height };
}
