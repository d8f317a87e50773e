import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { NetworkId } from "@infernet/schemas/commitment";
import { RunnerError } from "../runner-error.ts";

/** What stands before the seed in a PKCS #8 Ed25519 private key (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from("MC4CAQAwBQYDK2VwBCIEIA==", "base64");

/** The key that names a network, for what its aggregator says besides its HTTP answers. */
export interface NetworkSigner {
  id: NetworkId;
  /** Ed25519 (RFC 8032): 64 bytes. */
  sign: (bytes: Uint8Array) => Uint8Array<ArrayBuffer>;
}

/**
 * @param secret base64 of the 32-byte seed, as NETWORK_PRIVATE_KEY has it
 * @throws RunnerError key_unusable
 */
export function createNetworkSigner(secret: string): NetworkSigner {
  if (!/^(whsk_)?[A-Za-z0-9+/]{43}=$/.test(secret))
    throw new RunnerError("key_unusable", "the network's key is not 32 bytes in base64");
  const seed = Buffer.from(secret.replace(/^whsk_/, ""), "base64");
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: "der",
    type: "pkcs8",
  });
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  return {
    id: NetworkId.parse(`net_${x}`),
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  };
}
