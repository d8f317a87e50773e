import { base64urlnopad } from "@scure/base";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from "hpke";
import type { Bytes } from "../digest.ts";
import { X25519Key } from "../encryption.ts";

/** HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. */
export const SUITE = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

/** An X25519 key pair that wrapped keys can be opened with. */
export type OpeningKey = Awaited<ReturnType<typeof SUITE.GenerateKeyPair>>;

/** @param privateKey a raw X25519 private key, 32 bytes */
export async function openingKeyOf(privateKey: Bytes, publicKey: X25519Key): Promise<OpeningKey> {
  return {
    privateKey: await SUITE.DeserializePrivateKey(privateKey, false),
    // Node 20 cannot work the public key out from a private one that it may not read.
    publicKey: await SUITE.DeserializePublicKey(decodeKey(publicKey)),
  };
}

export const decodeKey = (text: string): Bytes => new Uint8Array(base64urlnopad.decode(text));
export const renderKey = (bytes: Uint8Array): X25519Key => X25519Key.parse(base64urlnopad.encode(bytes));
