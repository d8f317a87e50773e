import { z } from "zod";
import { Signature } from "../commitment.ts";
import { Sha256 } from "../digest.ts";
import { LIMITS } from "../limits.ts";
import { ModelManifest } from "../model.ts";
import { MicroAmount } from "../money.ts";
import { Tensor } from "../tensor.ts";
import { DirectId } from "./direct-offer.ts";
import { DirectReceipt } from "./direct-receipt.ts";
import { DirectRefusal } from "./direct-refusal.ts";

const tensors = z.array(Tensor).min(1).max(LIMITS.tensors_per_message_max);

/** Asks for the manifest that a digest names. */
const ManifestAsked = z.strictObject({ type: z.literal("manifest"), model: Sha256 });

/** A signed offer: `readOffer`. */
const OfferSent = z.strictObject({
  type: z.literal("offer"),
  offer: z.instanceof(Uint8Array).refine((bytes) => bytes.length <= 4_096, "is too long for an offer"),
});

/** Before the rows of an accepted offer, which follow as the very bytes whose sha256 it names: what they are paid by. */
const InputsSent = z.strictObject({
  type: z.literal("inputs"),
  offer: DirectId,
  /** `<escrow>.<opened_slot>.<limit>.<signature>`; null where the job is free. */
  voucher: z.string().max(200).nullable(),
});

/** The client's signature over the receipt that came with the result. */
const ReceiptSigned = z.strictObject({ type: z.literal("receipt"), offer: DirectId, signature: Signature });

/** What a client sends on `/infernet/job/1`. */
export const ClientMessage = z.discriminatedUnion("type", [
  ManifestAsked,
  OfferSent,
  InputsSent,
  ReceiptSigned,
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

const ManifestTold = z.strictObject({ type: z.literal("manifest"), manifest: ModelManifest });

const OfferAccepted = z.strictObject({
  type: z.literal("accepted"),
  offer: DirectId,
  price_micro: MicroAmount,
  /** Until when the rows are waited for. */
  expires_ms: z.int(),
  /**
   * The least that the voucher's limit must be: what was promised to this provider on the escrow so far, and the price. Null where
   * the job is free.
   */
  limit_micro_min: MicroAmount.nullable(),
});
export type OfferAccepted = z.infer<typeof OfferAccepted>;

/** What the rows came to, and the receipt with the provider's signature over its canonical bytes. */
export const ResultSent = z.strictObject({
  type: z.literal("result"),
  offer: DirectId,
  tensors,
  receipt: DirectReceipt,
  signature: Signature,
});
export type ResultSent = z.infer<typeof ResultSent>;

/** What a provider sends. An offer that it has done before is answered with the result at once. */
export const ProviderMessage = z.discriminatedUnion("type", [
  ManifestTold,
  OfferAccepted,
  DirectRefusal,
  ResultSent,
]);
export type ProviderMessage = z.infer<typeof ProviderMessage>;
