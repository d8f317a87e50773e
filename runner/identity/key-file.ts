import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { link, mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { RunnerError } from "../runner-error.ts";

/** Curves of the keys that a runner has: one signs (RFC 8032), the other opens what was sealed for it (RFC 7748). */
export type KeyType = "ed25519" | "x25519";

const NAMES: Readonly<Record<KeyType, string>> = { ed25519: "Ed25519", x25519: "X25519" };

/**
 * The private key in a file (PKCS #8 in PEM, RFC 8410), made at first use. A file that others may read, or that does not
 * hold such a key, is refused and left as it is.
 */
export async function loadKey(path: string, type: KeyType): Promise<KeyObject> {
  return parseKey((await readKey(path)) ?? (await writeKey(path, type)), path, type);
}

/** The private key in a file, if there is one. */
export async function findKey(path: string, type: KeyType): Promise<KeyObject | null> {
  const pem = await readKey(path);
  return pem === null ? null : parseKey(pem, path, type);
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
async function writeKey(path: string, type: KeyType): Promise<string> {
  const pem = createPem(type);
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

function createPem(type: KeyType): string {
  const { privateKey } = type === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("x25519");
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

function parseKey(pem: string, path: string, type: KeyType): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new RunnerError("identity_damaged", `${path} does not hold a private key in PEM`, { cause: error });
  }
  if (key.asymmetricKeyType !== type) {
    throw new RunnerError(
      "identity_damaged",
      `${path} holds a key of type ${key.asymmetricKeyType}; it must be ${NAMES[type]}`,
    );
  }
  return key;
}
