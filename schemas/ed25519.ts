import { base64urlnopad, hex } from "@scure/base";
import { type NetworkId, parseSignature, type Signature } from "./commitment.ts";
import type { Bytes } from "./digest.ts";
import { publicKeyOf, type RunnerId } from "./ids.ts";

/** The network's raw Ed25519 public key, 32 bytes, which its id spells. */
export const networkKeyOf = (network: NetworkId): Bytes =>
  new Uint8Array(base64urlnopad.decode(network.slice("net_".length)));

/** Whether a runner signed the statement. */
export const isSignedByRunner = (runner: RunnerId, statement: Bytes, signature: Signature) =>
  verifyEd25519(publicKeyOf(runner), statement, parseSignature(signature));

/** Whether a network signed the statement. */
export const isSignedByNetwork = (network: NetworkId, statement: Bytes, signature: Signature) =>
  verifyEd25519(networkKeyOf(network), statement, parseSignature(signature));

/**
 * The encodings of points of small order, canonical or not, without their sign bit (libsodium,
 * `ge25519_has_small_order`).
 */
const SMALL_ORDER = new Set([
  `00${"00".repeat(31)}`,
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);

/**
 * Whether the signature is one that every verifier takes, those of chains too (RFC 8032; `verify_strict` of
 * ed25519-dalek). WebCrypto accepts more: a nonce or a key of small order. Whoever signs so would make a commitment that
 * nobody can show on a chain as evidence, or a voucher that nobody can redeem. A key that is no point of the curve has
 * signed nothing.
 *
 * @param publicKey 32 bytes
 * @param signature 64 bytes; of any other length it is none
 */
export async function verifyEd25519(
  publicKey: Bytes,
  message: Bytes,
  signature: Uint8Array,
): Promise<boolean> {
  if (signature.length !== 64 || hasSmallOrder(publicKey) || hasSmallOrder(signature.subarray(0, 32)))
    return false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, new Uint8Array(signature), message);
  } catch (error) {
    if (error instanceof DOMException && error.name === "DataError") return false;
    throw error;
  }
}

function hasSmallOrder(point: Uint8Array): boolean {
  const unsigned = Uint8Array.from(point, (byte, i) => (i === 31 ? byte & 0x7f : byte));
  return SMALL_ORDER.has(hex.encode(unsigned));
}
