import { hex } from "@scure/base";
import canonicalize from "canonicalize";
import { z } from "zod";

/** A sha256 digest (FIPS 180-4) as 64 lower-case hexadecimal digits. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "is not a sha256 in lower-case hexadecimal")
  .brand<"Sha256">()
  .meta({ id: "Sha256", examples: ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"] });
export type Sha256 = z.infer<typeof Sha256>;

export type Bytes = Uint8Array<ArrayBuffer>;

export async function sha256(bytes: Bytes): Promise<Sha256> {
  return renderSha256(await crypto.subtle.digest("SHA-256", bytes));
}

/** @param digest 32 raw bytes */
export function renderSha256(digest: ArrayBuffer): Sha256 {
  return Sha256.parse(hex.encode(new Uint8Array(digest)));
}

/** Canonical bytes of a JSON value: RFC 8785 (JSON Canonicalization Scheme), UTF-8. */
export function canonicalBytes(value: unknown): Bytes {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("only a JSON value has canonical bytes");
  return new TextEncoder().encode(text);
}

/** sha256 of a JSON value's canonical bytes: what a model manifest is named by. */
export const canonicalDigest = (value: unknown): Promise<Sha256> => sha256(canonicalBytes(value));
