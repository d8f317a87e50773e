import { InfernetError } from "@infernet/schemas/errors";
import { base64, base64urlnopad } from "@scure/base";
import { z } from "zod";

/** What stands before the seed in a PKCS #8 Ed25519 private key (RFC 8410 section 7). */
const PKCS8_PREFIX = base64.decode("MC4CAQAwBQYDK2VwBCIEIA==");

const PublicJwk = z.object({ x: z.string() });

/** The 32 bytes of a secret in base64. Throws `unavailable`, which names the setting and what it is for. */
export function parseSeed(
  secret: string | undefined,
  setting: string,
  purpose: string,
): Uint8Array<ArrayBuffer> {
  const text = secret ?? "";
  if (!/^(whsk_)?[A-Za-z0-9+/]{43}=$/.test(text)) {
    throw new InfernetError(
      "unavailable",
      `This deployment cannot ${purpose}: ${setting} is ${text ? "not 32 bytes in base64" : "not set"}.`,
    );
  }
  return new Uint8Array(base64.decode(text.replace(/^whsk_/, "")));
}

/** The Ed25519 key of a seed (RFC 8032), and its raw public key: 32 bytes. */
export async function importSeed(
  seed: Uint8Array,
): Promise<{ privateKey: CryptoKey; publicKey: Uint8Array<ArrayBuffer> }> {
  const pkcs8 = new Uint8Array([...PKCS8_PREFIX, ...seed]);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x } = PublicJwk.parse(await crypto.subtle.exportKey("jwk", privateKey));
  return { privateKey, publicKey: new Uint8Array(base64urlnopad.decode(x)) };
}
