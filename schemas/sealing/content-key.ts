import { hex } from "@scure/base";
import type { Bytes } from "../digest.ts";
import { type SealingId, SealingId as SealingIdText } from "../encryption.ts";
import { hmacSha256 } from "../hash.ts";

/** The secret of one sealed job: 32 random bytes, known to its client and to the providers that were granted it. */
export type ContentKey = Bytes;

/** What rows and results are sealed under: one key encrypts (AES-256-GCM), the other makes nonces (HMAC-SHA-256). */
export interface RecordKeys {
  aead: Bytes;
  nonce: Bytes;
}

/** Rows that the client sends, and rows that come back: never under the same keys. */
export type Direction = "input" | "output";

export const createContentKey = (): ContentKey => crypto.getRandomValues(new Uint8Array(32));

/**
 * One block of HKDF-Expand with SHA-256 (RFC 5869 section 2.3); the content key is random already, so that the extraction
 * is left out (section 3.3).
 */
const expand = (key: ContentKey, label: string): Bytes =>
  new Uint8Array(hmacSha256(key, new Uint8Array([...new TextEncoder().encode(label), 1])));

/**
 * The public name of a content key. It commits to the key: nobody finds another key of this name, so whoever keeps the
 * name knows a key that was put in the place of the job's own.
 */
export const deriveSealingId = (key: ContentKey): SealingId =>
  SealingIdText.parse(hex.encode(expand(key, "infernet/sealing-id/v1")));

export const deriveRecordKeys = (key: ContentKey, direction: Direction): RecordKeys => ({
  aead: expand(key, `infernet/sealed-${direction}/v1/aead`),
  nonce: expand(key, `infernet/sealed-${direction}/v1/nonce`),
});
