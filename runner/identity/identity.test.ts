import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publicKeyOf } from "@infernet/schemas/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadIdentity } from "./identity.ts";

describe("a runner's identity", () => {
  let home: string;
  let path: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-identity-"));
    path = join(home, "identity.key");
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("is made at first use, for the owner's eyes alone, and stays the same", async () => {
    const { id } = await loadIdentity(home);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(home)).toEqual(["identity.key"]);
    expect((await loadIdentity(home)).id).toBe(id);
  });

  it("has an id that spells the key its signatures verify with", async () => {
    const identity = await loadIdentity(home);
    const message = new TextEncoder().encode("message");
    const x = Buffer.from(publicKeyOf(identity.id)).toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    expect(verify(null, message, key, identity.sign(message))).toBe(true);
  });

  it("is refused when others may read the file, which names the mode", async () => {
    await loadIdentity(home);
    await chmod(path, 0o640);
    await expect(loadIdentity(home)).rejects.toMatchObject({
      code: "identity_exposed",
      message: `${path} has mode 0640; a private key needs 0600`,
    });
  });

  it("is refused when the file is damaged, and the file is left as it is", async () => {
    await loadIdentity(home);
    const damaged = (await readFile(path, "utf8")).slice(0, 60);
    await writeFile(path, damaged);
    await expect(loadIdentity(home)).rejects.toMatchObject({ code: "identity_damaged" });
    expect(await readFile(path, "utf8")).toBe(damaged);
  });

  it("is refused when the file holds a key of another kind", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await writeFile(path, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
    await expect(loadIdentity(home)).rejects.toThrow(/key of type ec; it must be Ed25519/);
  });
});
