import type { Bytes } from "@infernet/schemas/digest";
import { base64, base64urlnopad } from "@scure/base";
import { z } from "zod";
import { type Address, renderAddress } from "./address.ts";
import { assertLength } from "./assert-length.ts";

/** Whoever can sign for an address. The key may live elsewhere: in a vault, a wallet, another process. */
export interface Signer {
  readonly address: Address;
  /** The Ed25519 signature (RFC 8032) over the message: 64 bytes. */
  sign(message: Bytes): Promise<Uint8Array>;
}

/** What stands before the seed in a PKCS #8 Ed25519 private key (RFC 8410 section 7). */
const PKCS8_PREFIX = base64.decode("MC4CAQAwBQYDK2VwBCIEIA==");

const PublicJwk = z.object({ x: z.string() });

/** A signer whose key WebCrypto holds and does not give out again. @param seed 32 bytes (RFC 8032 section 5.1.5) */
export async function createSeedSigner(seed: Uint8Array): Promise<Signer> {
  assertLength(seed, 32, "the seed");
  const pkcs8 = new Uint8Array([...PKCS8_PREFIX, ...seed]);
  const readable = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x } = PublicJwk.parse(await crypto.subtle.exportKey("jwk", readable));
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  pkcs8.fill(0);
  return {
    address: renderAddress(base64urlnopad.decode(x)),
    sign: async (message) => new Uint8Array(await crypto.subtle.sign("Ed25519", key, message)),
  };
}
