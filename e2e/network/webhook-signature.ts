import { createPublicKey, verify } from "node:crypto";

const TOLERANCE_SECONDS = 5 * 60;

export interface WebhookHeaders {
  id: string;
  timestamp: string;
  signature: string;
}

/**
 * Checks a webhook as any receiver can: Standard Webhooks 1.0, asymmetric scheme `v1a`, Ed25519 over `id.timestamp.body`.
 * The public `standardwebhooks` package has only the symmetric scheme.
 *
 * @param publicKey `whpk_` and the raw key of 32 bytes in base64, from `GET /webhooks/key`
 */
export function isWebhookAuthentic(
  { id, timestamp, signature }: WebhookHeaders,
  body: string,
  publicKey: string,
  nowMs: number,
): boolean {
  const age = Math.abs(nowMs / 1000 - Number(timestamp));
  if (!(age <= TOLERANCE_SECONDS)) return false;
  const x = Buffer.from(publicKey.replace(/^whpk_/, ""), "base64").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const signed = Buffer.from(`${id}.${timestamp}.${body}`);
  return signature
    .split(" ")
    .map((entry) => entry.split(","))
    .some(
      ([scheme, value]) =>
        scheme === "v1a" && value !== undefined && verify(null, signed, key, Buffer.from(value, "base64")),
    );
}
