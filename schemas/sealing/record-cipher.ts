import type { Bytes } from "../digest.ts";
import type { RecordKeys } from "./content-key.ts";
import { joinParts, renderUint32 } from "./frame-parts.ts";

/**
 * Seals and opens records under one pair of keys. A record is a nonce (12 bytes), the ciphertext and the tag (16 bytes) of
 * AES-256-GCM (NIST SP 800-38D). The nonce is made from what is sealed: the first 96 bits of HMAC-SHA-256 over the length
 * of the additional data (4 bytes, little-endian), that data, and the plaintext. So equal plaintexts at one place give
 * equal records, and two different plaintexts never share a nonce but by a collision of 96 bits (deterministic
 * authenticated encryption, Rogaway and Shrimpton 2006).
 */
export interface RecordCipher {
  seal(aad: Bytes, plaintext: Bytes): Bytes | Promise<Bytes>;
  /** Null when the record was not sealed so, under these keys and with this data. */
  open(aad: Bytes, record: Bytes): Bytes | null | Promise<Bytes | null>;
}

export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
export const RECORD_OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES;

/** What the nonce is the HMAC of. */
export const nonceMessage = (aad: Bytes, plaintext: Bytes): Bytes =>
  joinParts([renderUint32(aad.length), aad, plaintext]);

/** The cipher of WebCrypto: browsers, Workers, Node. */
export async function createWebCipher(keys: RecordKeys): Promise<RecordCipher> {
  const { subtle } = crypto;
  const aead = await subtle.importKey("raw", keys.aead, "AES-GCM", false, ["encrypt", "decrypt"]);
  const mac = await subtle.importKey("raw", keys.nonce, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const gcm = (iv: Bytes, additionalData: Bytes) => ({ name: "AES-GCM", iv, additionalData });
  return {
    seal: async (aad, plaintext) => {
      const hash = new Uint8Array(await subtle.sign("HMAC", mac, nonceMessage(aad, plaintext)));
      const nonce = hash.slice(0, NONCE_BYTES);
      const sealed = await subtle.encrypt(gcm(nonce, aad), aead, plaintext);
      return joinParts([nonce, new Uint8Array(sealed)]);
    },
    open: async (aad, record) => {
      if (record.length < RECORD_OVERHEAD_BYTES) return null;
      const nonce = record.subarray(0, NONCE_BYTES);
      try {
        return new Uint8Array(await subtle.decrypt(gcm(nonce, aad), aead, record.subarray(NONCE_BYTES)));
      } catch (error) {
        if (error instanceof DOMException && error.name === "OperationError") return null;
        throw error;
      }
    },
  };
}
