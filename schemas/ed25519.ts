import { base64urlnopad } from "@scure/base";
import { type NetworkId, parseSignature, type Signature } from "./commitment.ts";
import type { Bytes } from "./digest.ts";
import { publicKeyOf, type RunnerId } from "./ids.ts";

/** The network's raw Ed25519 public key, 32 bytes, which its id spells. */
export const networkKeyOf = (network: NetworkId): Bytes =>
  new Uint8Array(base64urlnopad.decode(network.slice("net_".length)));

/** Whether a runner signed the statement. */
export const isSignedByRunner = (runner: RunnerId, statement: Bytes, signature: Signature) =>
  isSignedBy(publicKeyOf(runner), statement, signature);

/** Whether a network signed the statement. */
export const isSignedByNetwork = (network: NetworkId, statement: Bytes, signature: Signature) =>
  isSignedBy(networkKeyOf(network), statement, signature);

/** Ed25519 (RFC 8032). A key that is no point of the curve has signed nothing. */
async function isSignedBy(publicKey: Bytes, statement: Bytes, signature: Signature): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, parseSignature(signature), statement);
  } catch (error) {
    if (error instanceof DOMException && error.name === "DataError") return false;
    throw error;
  }
}
