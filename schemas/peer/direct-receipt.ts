import { z } from "zod";
import { type CommitmentContext, Signature } from "../commitment.ts";
import { type Bytes, canonicalBytes, Sha256 } from "../digest.ts";
import { ExecutionClass } from "../execution-class.ts";
import { MicroAmount } from "../money.ts";
import { SolanaAddress } from "../solana.ts";
import { DirectOffer, leaseOfOffer, networkOfClient } from "./direct-offer.ts";

/** What was paid with: nothing, or a voucher that allows so much in all. */
export const DirectPaid = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("free") }),
  z.strictObject({
    kind: z.literal("voucher"),
    escrow: SolanaAddress,
    /** Of the escrow as it was open then. */
    opened_slot: z.string().regex(/^(0|[1-9][0-9]{0,15})$/, "is not a slot in decimal"),
    limit_micro: MicroAmount,
  }),
]);
export type DirectPaid = z.infer<typeof DirectPaid>;

/** What both sides of a direct job sign: that this was asked, that this came back, and what it cost. */
export const DirectReceipt = z.strictObject({
  type: z.literal("infernet.direct-receipt.v1"),
  offer: DirectOffer,
  /** The client's, over the offer. */
  offer_signature: Signature,
  execution_class: ExecutionClass,
  compute_ms: z.number().min(0).max(86_400_000),
  /** The commitment to the outputs: `commitmentRoot` over `directContext`. */
  root: Sha256,
  leaf_rows: z.int().min(1),
  /** The provider's signature over `commitmentStatement`. */
  commitment: Signature,
  price_micro: MicroAmount,
  paid: DirectPaid,
  /** By the provider's clock. */
  accepted_ms: z.int(),
  finished_ms: z.int(),
});
export type DirectReceipt = z.infer<typeof DirectReceipt>;

/** A receipt with what was signed under it; the client's signature is null until it has checked the result. */
export const SignedDirectReceipt = z.strictObject({
  object: z.literal("direct_receipt"),
  receipt: DirectReceipt,
  provider_signature: Signature,
  client_signature: Signature.nullable(),
});
export type SignedDirectReceipt = z.infer<typeof SignedDirectReceipt>;

/** What both sign: the receipt's canonical JSON (RFC 8785). */
export const receiptBytes = (receipt: DirectReceipt): Bytes => canonicalBytes(receipt);

/** What the commitment of a direct job is bound to. */
export function directContext({
  offer,
  execution_class,
  leaf_rows,
}: Pick<DirectReceipt, "offer" | "execution_class" | "leaf_rows">): CommitmentContext {
  const { id: lease_id, job_id, shard, model } = leaseOfOffer(offer);
  return {
    network: networkOfClient(offer.client),
    job_id,
    shard,
    lease_id,
    runner: offer.provider,
    model,
    execution_class,
    rows: offer.rows,
    leaf_rows,
  };
}
