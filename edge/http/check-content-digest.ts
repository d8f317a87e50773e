import { InfernetError } from "@infernet/schemas/errors";
import { base64 } from "@scure/base";

/** Throws `signature_invalid` unless `Content-Digest` (RFC 9530) has this body's sha-256. */
export async function checkContentDigest(header: string | undefined, body: ArrayBuffer): Promise<void> {
  const stated = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header ?? "")?.[1];
  if (!stated) throw new InfernetError("signature_missing", "Content-Digest has no sha-256 of the body.");
  const actual = base64.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", body)));
  if (stated !== actual)
    throw new InfernetError("signature_invalid", "The body does not have the sha-256 of Content-Digest.");
}
