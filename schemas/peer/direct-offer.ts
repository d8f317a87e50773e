import { base64urlnopad } from "@scure/base";
import { z } from "zod";
import { NetworkId, type Signature } from "../commitment.ts";
import { type Bytes, Sha256 } from "../digest.ts";
import { isSignedByRunner } from "../ed25519.ts";
import { hashSha256, renderHash } from "../hash.ts";
import { formatJobId, formatLeaseId, formatPartition, publicKeyOf, RunnerId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { MicroAmount } from "../money.ts";
import type { Lease } from "../runner.ts";
import { SolanaAddress } from "../solana.ts";
import { openPayload, sealPayload } from "./signed-payload.ts";

/** How a client means to pay: not at all, or by a voucher on an escrow of its own that names the provider. */
export const DirectTerms = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("free") }),
  z.strictObject({ kind: z.literal("voucher"), escrow: SolanaAddress }),
]);
export type DirectTerms = z.infer<typeof DirectTerms>;

/** A client's name for one direct job: a UUIDv7 (RFC 9562) without hyphens. Asked again under it, a provider repeats its answer. */
export const DirectId = z
  .string()
  .regex(/^[0-9a-f]{32}$/, "is not a UUID without hyphens")
  .brand<"DirectId">();
export type DirectId = z.infer<typeof DirectId>;

/** What a client asks one provider to compute, and under what terms: signed by the client's key, for this provider alone. */
export const DirectOffer = z.strictObject({
  type: z.literal("infernet.direct-offer.v1"),
  id: DirectId,
  client: RunnerId,
  provider: RunnerId,
  model: Sha256,
  rows: z.int().min(1).max(LIMITS.direct_rows_max),
  /** Of the inputs as `encodeTensors` writes them. */
  inputs: z.strictObject({ sha256: Sha256, bytes: z.int().min(1).max(LIMITS.direct_bytes_max) }),
  payment: DirectTerms,
  /** The most that the client pays, in micro-units. */
  price_micro_max: MicroAmount,
  issued_ms: z.int(),
  /** Nothing is to be worked or paid for after that. */
  deadline_ms: z.int(),
});
export type DirectOffer = z.infer<typeof DirectOffer>;

/** An offer with the bytes that carry it, and the sha256 of what was signed. */
export interface SignedOffer {
  offer: DirectOffer;
  signature: Signature;
  bytes: Bytes;
  digest: Sha256;
}

export async function signOffer(
  offer: DirectOffer,
  sign: (bytes: Bytes) => Promise<Uint8Array> | Uint8Array,
): Promise<SignedOffer> {
  const bytes = await sealPayload(offer, sign);
  const opened = openPayload(bytes, DirectOffer);
  if (opened === null) throw new RangeError("the offer does not fit its schema");
  const { statement, payload, signature } = opened;
  return { offer: statement, signature, bytes, digest: digestOf(payload) };
}

/** The offer, when the client that it names has signed it; else null. */
export async function readOffer(bytes: Uint8Array): Promise<SignedOffer | null> {
  const opened = openPayload(bytes, DirectOffer);
  if (opened === null) return null;
  const { statement: offer, payload, signature } = opened;
  if (!(await isSignedByRunner(offer.client, payload, signature))) return null;
  return { offer, signature, bytes: new Uint8Array(bytes), digest: digestOf(payload) };
}

const digestOf = (payload: Bytes): Sha256 => renderHash(hashSha256(payload));

/**
 * The network that a direct job's commitment is made for: there is no aggregator, so it is the client's own key. Whoever has
 * two commitments to one offer with two roots can show them, as with any network's.
 */
export const networkOfClient = (client: RunnerId): NetworkId =>
  NetworkId.parse(`net_${base64urlnopad.encode(publicKeyOf(client))}`);

const PARTITION = formatPartition(0);

/** The offer as the lease on the one shard of a job: what the commitment is bound to. */
export function leaseOfOffer({ id, model, rows, deadline_ms }: DirectOffer): Omit<Lease, "inputs"> {
  return {
    id: formatLeaseId(PARTITION, id, 0),
    job_id: formatJobId(PARTITION, id),
    shard: 0,
    model,
    rows: [{ start: 0, count: rows }],
    expires_ms: deadline_ms,
    lease_ms: LIMITS.direct_offer_ms_max,
    deadline_ms,
  };
}
