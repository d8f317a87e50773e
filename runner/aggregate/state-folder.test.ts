import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createNetworkSigner } from "./network-signer.ts";
import { explainOldSqlite } from "./node-version.ts";
import { loadSecret } from "./secret-file.ts";
import { openStateFolder } from "./state-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "infernet-aggregate-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a state folder is for one process at a time, and free again when it is given up", () => {
  const first = openStateFolder(folder);
  expect(() => openStateFolder(folder)).toThrow(
    expect.objectContaining({ code: "state_in_use", message: expect.stringContaining(folder) }),
  );
  first.close();
  openStateFolder(folder).close();
});

test("a secret is made once, for its owner's eyes only", () => {
  const file = join(folder, "one.key");
  expect(loadSecret(file, () => "first")).toBe("first");
  expect(loadSecret(file, () => "second")).toBe("first");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toBe("first\n");
  expect(existsSync(`${file}.${process.pid}.part`)).toBe(false);
});

test("a network's key that is damaged is named, and never replaced", () => {
  const file = join(folder, "network.key");
  writeFileSync(file, "half\n");
  const secret = loadSecret(file, () => "another");
  expect(() => createNetworkSigner(secret)).toThrow(expect.objectContaining({ code: "key_unusable" }));
});

test("a network's key names the network by its public half, as the edge does", async () => {
  const seed = new Uint8Array(32).fill(7);
  const { id, sign } = createNetworkSigner(Buffer.from(seed).toString("base64"));
  const raw = new Uint8Array(Buffer.from(id.slice("net_".length), "base64url"));
  const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
  const said = new TextEncoder().encode("said");
  expect(await crypto.subtle.verify("Ed25519", key, sign(said), said)).toBe(true);
});

test.each([
  ["22.16.0", true],
  ["24.0.0", true],
  ["26.1.0", true],
  ["20.20.2", false],
  ["22.15.1", false],
  ["23.11.0", false],
])("whether Node %s can run an aggregator: %s", (version, can) => {
  expect(explainOldSqlite(version) === null).toBe(can);
});
