import { base64urlnopad } from "@scure/base";
import type { X25519Key } from "../encryption.ts";
import { decodeKey, type OpeningKey, openingKeyOf, renderKey, SUITE } from "./suite.ts";

/** A client's own key pair, as texts to be kept: whoever has the private one opens every result sealed for it. */
export interface ClientKey {
  public_key: X25519Key;
  /** A raw X25519 private key, 32 bytes in base64url. */
  private_key: string;
}

/** Makes a key pair: one for all jobs of a client, or one for each. */
export async function createClientKey(): Promise<ClientKey> {
  const pair = await SUITE.GenerateKeyPair(true);
  return {
    public_key: renderKey(await SUITE.SerializePublicKey(pair.publicKey)),
    private_key: base64urlnopad.encode(await SUITE.SerializePrivateKey(pair.privateKey)),
  };
}

export const openClientKey = ({ private_key, public_key }: ClientKey): Promise<OpeningKey> =>
  openingKeyOf(decodeKey(private_key), public_key);
