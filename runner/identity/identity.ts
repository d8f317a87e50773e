import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { link, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { formatRunnerId, type RunnerId } from "@infernet/schemas/ids";
import { RunnerError } from "../runner-error.ts";

/** The runner's key pair, which can sign and cannot be read out. */
export interface Identity {
  readonly id: RunnerId;
  /** Ed25519 (RFC 8032) over the bytes: 64 bytes. */
  sign(data: Uint8Array): Uint8Array;
}

/**
 * The Ed25519 identity in `home/identity.key` (PKCS #8 in PEM, RFC 8410), made at first use. A file that others may read,
 * or that does not hold such a key, is refused and left as it is.
 */
export async function loadIdentity(home: string): Promise<Identity> {
  const path = keyPath(home);
  const pem = (await readKey(path)) ?? (await writeKey(path));
  return identityOf(parseKey(pem, path));
}

/** The identity that has been made in `home` before; `identity_missing` when there is none. */
export async function findIdentity(home: string): Promise<Identity> {
  const path = keyPath(home);
  const pem = await readKey(path);
  if (pem === null) throw new RunnerError("identity_missing", `${home} holds no identity`);
  return identityOf(parseKey(pem, path));
}

const keyPath = (home: string): string => join(home, "identity.key");

export function identityOf(privateKey: KeyObject): Identity {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  return {
    id: formatRunnerId(Buffer.from(x ?? "", "base64url")),
    sign: (data) => sign(null, data, privateKey),
  };
}

async function readKey(path: string): Promise<string | null> {
  try {
    const { mode } = await stat(path);
    // Windows has no such bits: there the profile folder's access list guards the file.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, "0");
      throw new RunnerError("identity_exposed", `${path} has mode ${octal}; a private key needs 0600`);
    }
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    if (error instanceof RunnerError) throw error;
    throw new RunnerError("home_unusable", `cannot read ${path}: ${String(error)}`, { cause: error });
  }
}

/** Written beside and linked into place, so that no crash leaves half a key under the name. */
async function writeKey(path: string): Promise<string> {
  const pem = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const half = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rm(half, { force: true });
    const file = await open(half, "wx", 0o600);
    try {
      await file.writeFile(pem);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(half, path);
    await rm(half);
    return pem;
  } catch (error) {
    throw new RunnerError("home_unusable", `cannot write ${path}: ${String(error)}`, { cause: error });
  }
}

function parseKey(pem: string, path: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new RunnerError("identity_damaged", `${path} does not hold a private key in PEM`, { cause: error });
  }
  if (key.asymmetricKeyType !== "ed25519") {
    throw new RunnerError(
      "identity_damaged",
      `${path} holds a key of type ${key.asymmetricKeyType}; it must be Ed25519`,
    );
  }
  return key;
}
