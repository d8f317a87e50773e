import { chmod, copyFile, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSealingKeyOf } from "@infernet/schemas/sealing/sealing-key";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadIdentity } from "../identity/identity.ts";
import { loadSealingKey } from "./sealing-key.ts";

describe("a runner's sealing key", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-sealing-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("is made at first use, for the owner's eyes alone, and stays the same", async () => {
    const identity = await loadIdentity(home);
    const { registered } = await loadSealingKey(home, identity);
    expect((await stat(join(home, "sealing.key"))).mode & 0o777).toBe(0o600);
    expect((await readdir(home)).sort()).toEqual(["identity.key", "sealing.key"]);
    expect((await loadSealingKey(home, identity)).registered).toEqual(registered);
  });

  it("is signed by the identity, so that clients know whose it is", async () => {
    const identity = await loadIdentity(home);
    const { registered } = await loadSealingKey(home, identity);
    expect(await isSealingKeyOf(identity.id, registered)).toBe(true);
    const other = await loadIdentity(join(home, "other"));
    expect(await isSealingKeyOf(other.id, registered)).toBe(false);
  });

  it("is refused when others may read it", async () => {
    const identity = await loadIdentity(home);
    await loadSealingKey(home, identity);
    await chmod(join(home, "sealing.key"), 0o640);
    await expect(loadSealingKey(home, identity)).rejects.toMatchObject({ code: "identity_exposed" });
  });

  it("is refused when it is a key of another kind", async () => {
    const identity = await loadIdentity(home);
    await rm(join(home, "identity.key"));
    await loadSealingKey(home, identity);
    await copyFile(join(home, "sealing.key"), join(home, "identity.key"));
    await expect(loadIdentity(home)).rejects.toThrow("holds a key of type x25519; it must be Ed25519");
  });
});
