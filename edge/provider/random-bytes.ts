import type { Bytes } from "@infernet/schemas/digest";

/** Web Crypto gives no more at once. */
const CHUNK_BYTES = 65_536;

export function randomBytes(count: number): Bytes {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count; at += CHUNK_BYTES)
    crypto.getRandomValues(bytes.subarray(at, Math.min(count, at + CHUNK_BYTES)));
  return bytes;
}
