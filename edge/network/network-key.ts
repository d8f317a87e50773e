import { NetworkId, renderSignature, type Signature } from "@infernet/schemas/commitment";
import { base64urlnopad } from "@scure/base";
import { importSeed, parseSeed } from "./ed25519-seed.ts";

/** The aggregator's own key: it names the network and signs receipts and epochs. */
export interface NetworkKey {
  id: NetworkId;
  privateKey: CryptoKey;
  /** A key for one purpose, derived from the same secret (HKDF, RFC 5869): 32 bytes. */
  derive(purpose: string): Promise<Uint8Array<ArrayBuffer>>;
}

const imported = new Map<string, Promise<NetworkKey>>();

/** Throws `unavailable` when NETWORK_PRIVATE_KEY is not a usable seed. */
export function loadNetworkKey(env: Pick<Env, "NETWORK_PRIVATE_KEY">): Promise<NetworkKey> {
  const secret = env.NETWORK_PRIVATE_KEY ?? "";
  const known = imported.get(secret);
  if (known) return known;
  const key = openKey(parseSeed(secret, "NETWORK_PRIVATE_KEY", "sign receipts or draw auditors"));
  imported.set(secret, key);
  return key;
}

async function openKey(seed: Uint8Array<ArrayBuffer>): Promise<NetworkKey> {
  const { privateKey, publicKey } = await importSeed(seed);
  const material = await crypto.subtle.importKey("raw", seed, "HKDF", false, ["deriveBits"]);
  return {
    id: NetworkId.parse(`net_${base64urlnopad.encode(publicKey)}`),
    privateKey,
    async derive(purpose) {
      const info = new TextEncoder().encode(`infernet ${purpose}`);
      const salt = new Uint8Array(32);
      return new Uint8Array(
        await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, material, 256),
      );
    },
  };
}

/** Signs a statement of the aggregator's. */
export async function signStatement(key: NetworkKey, statement: Uint8Array<ArrayBuffer>): Promise<Signature> {
  return renderSignature(new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, statement)));
}
