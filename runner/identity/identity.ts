import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { join } from "node:path";
import { formatRunnerId, type RunnerId } from "@infernet/schemas/ids";
import { RunnerError } from "../runner-error.ts";
import { findKey, loadKey } from "./key-file.ts";

/** The runner's key pair, which can sign and cannot be read out. */
export interface Identity {
  readonly id: RunnerId;
  /** Ed25519 (RFC 8032) over the bytes: 64 bytes. */
  sign(data: Uint8Array): Uint8Array;
}

/** The Ed25519 identity in `home/identity.key`, made at first use: see `loadKey`. */
export async function loadIdentity(home: string): Promise<Identity> {
  return identityOf(await loadKey(keyPath(home), "ed25519"));
}

/**
 * The key that this machine asks peers for direct jobs with, in `home/client.key`, made at first use. Not the runner's: two
 * processes that are the same peer at once would be in each other's way.
 */
export async function loadClientIdentity(home: string): Promise<Identity> {
  return identityOf(await loadKey(join(home, "client.key"), "ed25519"));
}

/** The identity that has been made in `home` before; `identity_missing` when there is none. */
export async function findIdentity(home: string): Promise<Identity> {
  const key = await findKey(keyPath(home), "ed25519");
  if (key === null) throw new RunnerError("identity_missing", `${home} holds no identity`);
  return identityOf(key);
}

/** One that is forgotten when the process ends: for whoever only asks. */
export const createIdentity = (): Identity => identityOf(generateKeyPairSync("ed25519").privateKey);

const keyPath = (home: string): string => join(home, "identity.key");

function identityOf(privateKey: KeyObject): Identity {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  return {
    id: formatRunnerId(Buffer.from(x ?? "", "base64url")),
    sign: (data) => sign(null, data, privateKey),
  };
}
