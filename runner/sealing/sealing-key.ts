import { join } from "node:path";
import { renderSignature } from "@infernet/schemas/commitment";
import { type SealingKey, X25519Key } from "@infernet/schemas/encryption";
import { sealingKeyStatement } from "@infernet/schemas/sealing/sealing-key";
import { type OpeningKey, openingKeyOf } from "@infernet/schemas/sealing/suite";
import type { Identity } from "../identity/identity.ts";
import { loadKey } from "../identity/key-file.ts";

/** What clients seal to for this runner, and what opens it. */
export interface OwnSealingKey {
  registered: SealingKey;
  opening: OpeningKey;
}

/** The X25519 key in `home/sealing.key`, made at first use and signed by the identity: see `loadKey`. */
export async function loadSealingKey(home: string, identity: Identity): Promise<OwnSealingKey> {
  const key = await loadKey(join(home, "sealing.key"), "x25519");
  const { x = "", d = "" } = key.export({ format: "jwk" });
  const public_key = X25519Key.parse(x);
  const signature = renderSignature(identity.sign(sealingKeyStatement(public_key)));
  const opening = await openingKeyOf(new Uint8Array(Buffer.from(d, "base64url")), public_key);
  return { registered: { public_key, signature }, opening };
}
