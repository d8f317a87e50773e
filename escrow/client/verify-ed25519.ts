import type { Bytes } from "@infernet/schemas/digest";
import { hex } from "@scure/base";
import { type Address, addressBytes } from "./address.ts";

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
 * Whether the signature is one that the chain's Ed25519 precompile takes too. WebCrypto accepts more: a nonce or a key of
 * small order, which the precompile refuses (`verify_strict` of ed25519-dalek). Whoever signs so would hand out a
 * voucher that nobody can redeem, or a commitment that nobody can show as evidence; so this is the check to make before
 * work is done on the word of either.
 */
export async function verifyEd25519(
  signer: Address,
  message: Bytes,
  signature: Uint8Array,
): Promise<boolean> {
  const key = addressBytes(signer);
  if (signature.length !== 64 || hasSmallOrder(key) || hasSmallOrder(signature.subarray(0, 32))) return false;
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, new Uint8Array(signature), message);
  } catch (error) {
    // A key that is no point of the curve has signed nothing.
    if (error instanceof DOMException && error.name === "DataError") return false;
    throw error;
  }
}

function hasSmallOrder(point: Uint8Array): boolean {
  const unsigned = Uint8Array.from(point, (byte, i) => (i === 31 ? byte & 0x7f : byte));
  return SMALL_ORDER.has(hex.encode(unsigned));
}
