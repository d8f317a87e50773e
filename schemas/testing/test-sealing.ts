import { base64urlnopad } from "@scure/base";
import { renderSignature } from "../commitment.ts";
import type { SealingKey } from "../encryption.ts";
import type { RunnerId } from "../ids.ts";
import { sealingKeyStatement } from "../sealing/sealing-key.ts";
import { type OpeningKey, openingKeyOf, renderKey, SUITE } from "../sealing/suite.ts";
import { createTestSigner, type TestSigner } from "./sign-commitment.ts";

/** A provider of a test that things can be sealed for. */
export interface TestSealer extends TestSigner {
  id: RunnerId;
  sealing_key: SealingKey;
  opening: OpeningKey;
}

export async function createTestSealer(n: number): Promise<TestSealer> {
  const signer = await createTestSigner(n);
  const pair = await SUITE.GenerateKeyPair(true);
  const public_key = renderKey(await SUITE.SerializePublicKey(pair.publicKey));
  const signed = await crypto.subtle.sign("Ed25519", signer.key, sealingKeyStatement(public_key));
  const signature = renderSignature(new Uint8Array(signed));
  const opening = await openingKeyOf(
    new Uint8Array(await SUITE.SerializePrivateKey(pair.privateKey)),
    public_key,
  );
  return { ...signer, sealing_key: { public_key, signature }, opening };
}

/** The same text with one bit of the bytes that it holds changed. */
export function flipBit(base64url: string, at: number): string {
  const bytes = base64urlnopad.decode(base64url);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return base64urlnopad.encode(bytes);
}
