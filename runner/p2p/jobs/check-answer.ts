import { verifyDirect } from "@infernet/protocol/peers/verify-direct";
import { canonicalBytes } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { renderHash } from "@infernet/schemas/hash";
import type { ModelManifest } from "@infernet/schemas/model";
import type { ResultSent } from "@infernet/schemas/peer/direct-messages";
import type { SignedOffer } from "@infernet/schemas/peer/direct-offer";
import type { SignedDirectReceipt } from "@infernet/schemas/peer/direct-receipt";
import { assertOutputs } from "@infernet/schemas/tensor-check";
import { hashNative } from "../../work/native-hash.ts";
import { PeerFault } from "../stream/peer-fault.ts";

/**
 * Whether a result answers this very offer, with outputs as the model gives them, committed to and signed for. Whether they are
 * right is for the client to find out. Throws `PeerFault` `wrong`.
 *
 * @param price_micro what was agreed on; null where the provider answers again
 */
export async function checkAnswer(
  { tensors, receipt, signature }: ResultSent,
  { offer, digest, signature: offer_signature }: SignedOffer,
  manifest: ModelManifest,
  price_micro: string | null,
): Promise<SignedDirectReceipt> {
  const signed: SignedDirectReceipt = {
    object: "direct_receipt",
    receipt,
    provider_signature: signature,
    client_signature: null,
  };
  if (
    receipt.offer_signature !== offer_signature ||
    renderHash(hashNative(canonicalBytes(receipt.offer))) !== digest
  )
    throw new PeerFault("wrong", "the provider's receipt is for another offer");
  if (price_micro !== null && receipt.price_micro !== price_micro)
    throw new PeerFault("wrong", `the receipt says ${receipt.price_micro}; agreed was ${price_micro}`);
  try {
    assertOutputs(tensors, manifest.outputs, offer.rows);
  } catch (error) {
    if (error instanceof InfernetError)
      throw new PeerFault("wrong", `the outputs do not fit: ${error.message}`);
    throw error;
  }
  const { refuted } = await verifyDirect(signed, tensors);
  if (refuted.length > 0)
    throw new PeerFault("wrong", `the provider's receipt does not hold: ${refuted.join(", ")}`);
  return signed;
}
