import type { Bytes } from "../digest.ts";
import { isSignedByRunner } from "../ed25519.ts";
import type { SealingKey, X25519Key } from "../encryption.ts";
import type { RunnerId } from "../ids.ts";
import { joinParts } from "./frame-parts.ts";
import { decodeKey } from "./suite.ts";

/** What every statement begins with, so that no signature made for something else is one of a sealing key. */
const DOMAIN = new TextEncoder().encode("infernet/sealing-key/v1\0");

/** What a provider signs with the key that its id spells: the domain, and its raw X25519 public key. */
export const sealingKeyStatement = (public_key: X25519Key): Bytes =>
  joinParts([DOMAIN, decodeKey(public_key)]);

/** Whether it is this provider's own sealing key. */
export const isSealingKeyOf = (provider: RunnerId, { public_key, signature }: SealingKey): Promise<boolean> =>
  isSignedByRunner(provider, sealingKeyStatement(public_key), signature);
