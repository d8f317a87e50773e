import { base64 } from "@scure/base";
import { importSeed, parseSeed } from "../network/ed25519-seed.ts";

export interface SigningKey {
  privateKey: CryptoKey;
  /** `whpk_` and the raw Ed25519 public key in base64, as Standard Webhooks writes it. */
  public_key: string;
}

const imported = new Map<string, Promise<SigningKey>>();

/** The key that signs this deployment's webhooks. Throws `unavailable` when none, or no usable one, is set. */
export function loadSigningKey(env: Pick<Env, "WEBHOOK_PRIVATE_KEY">): Promise<SigningKey> {
  const secret = env.WEBHOOK_PRIVATE_KEY ?? "";
  const known = imported.get(secret);
  if (known) return known;
  const key = openKey(parseSeed(secret, "WEBHOOK_PRIVATE_KEY", "sign webhooks"));
  imported.set(secret, key);
  return key;
}

async function openKey(seed: Uint8Array): Promise<SigningKey> {
  const { privateKey, publicKey } = await importSeed(seed);
  return { privateKey, public_key: `whpk_${base64.encode(publicKey)}` };
}
