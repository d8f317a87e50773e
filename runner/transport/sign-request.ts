import { createHash } from "node:crypto";
import { SIGNATURE } from "@infernet/schemas/signature";
import { createSignatureSync } from "http-message-sig";
import type { Identity } from "../identity/identity.ts";

export interface UnsignedRequest {
  method: string;
  url: string;
  body: Uint8Array | null;
}

/**
 * The headers that sign a request: Content-Digest (RFC 9530) of its body, Signature-Input and Signature (RFC 9421), in
 * the profile of `schemas/signature.ts`.
 * @param created_s Unix time in seconds, by the edge's clock
 * @param tag another than that of requests for any network: see `signatureTagFor`
 */
export function signRequest(
  { method, url, body }: UnsignedRequest,
  identity: Identity,
  created_s: number,
  tag: string = SIGNATURE.tag,
): Record<string, string> {
  const digest: Record<string, string> = body ? { "content-digest": contentDigest(body) } : {};
  const { signature, signatureInput } = createSignatureSync(
    {
      kind: "request",
      method,
      targetUri: url,
      fields: Object.entries(digest).map(([name, value]) => ({ name, value })),
    },
    {
      label: SIGNATURE.label,
      components: body ? SIGNATURE.components_with_body : SIGNATURE.components_without_body,
      parameters: { created: created_s, keyid: identity.id, alg: "ed25519", tag },
      signer: { algorithm: "ed25519", sign: (data) => identity.sign(data) },
    },
  );
  return { ...digest, signature, "signature-input": signatureInput };
}

export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
}
