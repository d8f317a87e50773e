import { base64url, type CryptoKey, FlattenedSign, flattenedVerify } from "jose";
import type { NetworkId } from "./commitment.ts";
import { type Bytes, canonicalBytes } from "./digest.ts";
import { networkKeyOf } from "./ed25519.ts";
import type { Receipt, SignedReceipt } from "./receipt.ts";

/** The network's signature over a receipt: see `SignedReceipt`. Deterministic, as Ed25519 is (RFC 8032). */
export async function signReceipt(receipt: Receipt, privateKey: CryptoKey): Promise<SignedReceipt> {
  const jws = await new FlattenedSign(canonicalBytes(receipt))
    .setProtectedHeader({ alg: "EdDSA", kid: receipt.network })
    .sign(privateKey);
  return { receipt, signature: `${jws.protected}..${jws.signature}` };
}

/** Who signed the receipt, if it is the network that it names; null otherwise. */
export async function signerOf({ receipt, signature }: SignedReceipt): Promise<NetworkId | null> {
  const [head = "", , tail = ""] = signature.split(".");
  const jws = { protected: head, payload: base64url.encode(canonicalBytes(receipt)), signature: tail };
  try {
    const key = await importKey(networkKeyOf(receipt.network));
    const { protectedHeader } = await flattenedVerify(jws, key, { algorithms: ["EdDSA"] });
    return protectedHeader?.kid === receipt.network ? receipt.network : null;
  } catch {
    // Whatever is wrong with it, it is not this network's signature.
    return null;
  }
}

const importKey = (key: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
