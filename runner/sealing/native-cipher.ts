import { createCipheriv, createDecipheriv, createHmac, createSecretKey } from "node:crypto";
import type { Bytes } from "@infernet/schemas/digest";
import type { RecordKeys } from "@infernet/schemas/sealing/content-key";
import { renderUint32 } from "@infernet/schemas/sealing/frame-parts";
import {
  NONCE_BYTES,
  RECORD_OVERHEAD_BYTES,
  type RecordCipher,
  TAG_BYTES,
} from "@infernet/schemas/sealing/record-cipher";

/** The records of `createWebCipher` by the platform's own code: rows are small, and a call of WebCrypto costs more than one. */
export function createNativeCipher(keys: RecordKeys): RecordCipher {
  // A key that is read in once: from bytes it would be for each record, which takes three times as long as the record.
  const [aead, nonceKey] = [createSecretKey(keys.aead), createSecretKey(keys.nonce)];
  return {
    seal: (aad, plaintext) => {
      const hmac = createHmac("sha256", nonceKey)
        .update(renderUint32(aad.length))
        .update(aad)
        .update(plaintext);
      const record: Bytes = new Uint8Array(plaintext.length + RECORD_OVERHEAD_BYTES);
      record.set(hmac.digest().subarray(0, NONCE_BYTES));
      const cipher = createCipheriv("aes-256-gcm", aead, record.subarray(0, NONCE_BYTES));
      cipher.setAAD(aad);
      record.set(cipher.update(plaintext), NONCE_BYTES);
      cipher.final();
      record.set(cipher.getAuthTag(), record.length - TAG_BYTES);
      return record;
    },
    open: (aad, record) => {
      if (record.length < RECORD_OVERHEAD_BYTES) return null;
      const tag = record.subarray(record.length - TAG_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", aead, record.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(aad);
      decipher.setAuthTag(tag);
      const plaintext = decipher.update(record.subarray(NONCE_BYTES, record.length - TAG_BYTES));
      try {
        decipher.final();
      } catch {
        return null;
      }
      return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength);
    },
  };
}
