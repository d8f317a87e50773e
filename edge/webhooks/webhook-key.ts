import { InfernetError } from "@infernet/schemas/errors";
import { base64, base64urlnopad } from "@scure/base";
import { z } from "zod";

export interface SigningKey {
  privateKey: CryptoKey;
  /** `whpk_` and the raw Ed25519 public key in base64, as Standard Webhooks writes it. */
  public_key: string;
}

/** What stands before the seed in a PKCS #8 Ed25519 private key (RFC 8410 section 7). */
const PKCS8_PREFIX = base64.decode("MC4CAQAwBQYDK2VwBCIEIA==");

const PublicJwk = z.object({ x: z.string() });

const imported = new Map<string, Promise<SigningKey>>();

/** The key that signs this deployment's webhooks. Throws `unavailable` when none, or no usable one, is set. */
export function loadSigningKey(env: Pick<Env, "WEBHOOK_PRIVATE_KEY">): Promise<SigningKey> {
  const secret = env.WEBHOOK_PRIVATE_KEY ?? "";
  const known = imported.get(secret);
  if (known) return known;
  const key = importSeed(parseSeed(secret));
  imported.set(secret, key);
  return key;
}

function parseSeed(secret: string): Uint8Array {
  if (!/^(whsk_)?[A-Za-z0-9+/]{43}=$/.test(secret)) {
    throw new InfernetError(
      "unavailable",
      `This deployment cannot sign webhooks: WEBHOOK_PRIVATE_KEY is ${secret ? "not 32 bytes in base64" : "not set"}.`,
    );
  }
  return base64.decode(secret.replace(/^whsk_/, ""));
}

async function importSeed(seed: Uint8Array): Promise<SigningKey> {
  const pkcs8 = new Uint8Array([...PKCS8_PREFIX, ...seed]);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x } = PublicJwk.parse(await crypto.subtle.exportKey("jwk", privateKey));
  return { privateKey, public_key: `whpk_${base64.encode(base64urlnopad.decode(x))}` };
}
