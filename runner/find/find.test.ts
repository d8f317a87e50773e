import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sha256 } from "@infernet/schemas/digest";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runCli } from "../cli/testing/run-cli.ts";
import { createIdentity } from "../identity/identity.ts";
import { findProviders } from "../index.ts";
import { type Announcer, announce } from "../p2p/testing/announcer.ts";
import { TestPeers } from "../p2p/testing/test-peers.ts";

const MODEL = Sha256.parse("d".repeat(64));
const peers = new TestPeers();
const machines: Announcer[] = [];
let home: string;
let bootstrap: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-find-"));
  for (const options of [{ vram_gib: 24, says: { models: [MODEL] } }, { vram_gib: 12 }, {}]) {
    const identity = createIdentity();
    machines.push(await announce(await peers.open({ identity }), identity, options));
  }
  for (const { published } of machines)
    await vi.waitFor(() => expect(published.at(-1)?.holders).toBe(2), { timeout: 20_000 });
  bootstrap = machines[0]?.node.addresses[0] ?? "";
});
afterAll(async () => {
  await peers[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

const find = (...args: string[]) => runCli(["find", "--home", home, ...args]);

test("find prints what fits in the order in which it is to be tried, with nothing but one address", async () => {
  const { code, stdout } = await find(
    "--bootstrap",
    bootstrap,
    "--engine",
    "onnx",
    "--min-vram",
    "12",
    "--json",
  );
  const { data, query } = JSON.parse(stdout);
  expect(query).toEqual({ engine: "onnx", vram_gib_min: 12 });
  expect(data.map(({ id }: { id: string }) => id)).toEqual(machines.slice(0, 2).map(({ id }) => id));
  expect(data[0]).toMatchObject({ availability: "open", models: [MODEL], score: null, attestations: [] });
  expect(code).toBe(0);
});

test("find draws a table for a person, and ends with 11 where nothing fits", async () => {
  const [there, none] = await Promise.all([
    find("--bootstrap", bootstrap, "--model", MODEL),
    find("--bootstrap", bootstrap, "--min-vram", "80"),
  ]);
  expect(there.stdout).toMatch(/^ {2}takes work +engines +GPU +memory +asks +score +region +reached +id\n/);
  expect(there.stdout).toContain(`24 GiB a card  8 GiB      0      -  -       directly  ${machines[0]?.id}`);
  expect(there.stdout).toMatch(/\n1 machine in \d+\.\d s, \d+ peers? asked\.\n/);
  expect(none).toMatchObject({
    code: 11,
    stdout: expect.stringMatching(/^No machine is announced that fits \(/),
  });
});

test("addresses that are all dead, and none at all, are told with the way out", async () => {
  const gone = bootstrap.replace(/tcp\/\d+/, "tcp/1");
  const [away, unknown, wrong] = await Promise.all([
    find("--bootstrap", gone),
    find(),
    find("--bootstrap", "1.2.3.4:5"),
  ]);
  expect(away.code).toBe(11);
  expect(away.stderr).toContain(`none of the 1 peers to begin with answers: ${gone}`);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/nobody is named to begin with.*--bootstrap ADDRESS/s);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("'1.2.3.4:5' is not an address such as");
});

test("a program gets the same, as it is found, and is told what it asks wrongly", async () => {
  const found: string[] = [];
  for await (const { id } of findProviders({ model: MODEL }, { bootstrap: [bootstrap] })) found.push(id);
  expect(found).toEqual([machines[0]?.id]);
  const wrong = findProviders({ vram_gib_min: -1 }, { bootstrap: [bootstrap] });
  await expect(wrong.next()).rejects.toThrow("the query cannot be used at /vram_gib_min");
});
