import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunnerRegistration } from "@infernet/schemas/runner";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createIdentity } from "../identity/identity.ts";
import { type DirectClient, type DirectOptions, openDirect, runDirect } from "../index.ts";
import { rememberModel } from "../models/known-models.ts";
import { serveDiscovery } from "../p2p/discovery/serve-discovery.ts";
import type { DirectDeskDeps } from "../p2p/jobs/direct-desk.ts";
import { serveDirectJobs } from "../p2p/jobs/serve-direct-jobs.ts";
import { createEchoDeps, rowsOf } from "../p2p/jobs/testing/echo-provider.ts";
import type { PeerNode } from "../p2p/node/peer-node.ts";
import { TestPeers } from "../p2p/testing/test-peers.ts";
import { MemoryEdge } from "../transport/memory-edge.ts";
import { parseTarget } from "./direct-target.ts";

let home: string;
let peers: TestPeers;
let first: PeerNode;
let client: DirectClient | null;
let closing: (() => Promise<void>)[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-library-"));
  peers = new TestPeers();
  first = await peers.open();
  client = null;
  closing = [];
});
afterEach(async () => {
  await client?.close();
  for (const close of closing) await close();
  await peers[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

/** A provider that announces itself and its one model. */
async function addProvider(name: string, change: Partial<DirectDeskDeps> = {}) {
  const identity = createIdentity();
  const node = await peers.open({ identity });
  const deps = await createEchoDeps(join(home, name), identity);
  await serveDirectJobs(node, { ...deps, ...change });
  const { model, manifest } = deps;
  const [file] = manifest.files;
  await rememberModel(join(home, name), { digest: model, names: [], manifest });
  await writeFile(join(await cacheOf(name), file?.sha256 ?? ""), "");
  const registration: RunnerRegistration = {
    version: "test",
    referee: false,
    capability: {
      engines: [
        { engine: "onnx", version: "1", execution_provider: "cpu", formats: ["onnx"], sandbox: "none" },
      ],
      ...{ memory_bytes: 1, cpu_cores: 1, gpus: [] },
    },
  };
  const discovery = await serveDiscovery(node, {
    ...{ identity, home: join(home, name), client: new MemoryEdge(), tellEdge: async () => undefined },
    registration: () => registration,
    availability: () => "open",
  });
  closing.push(() => discovery.stop());
  discovery.offer("job", { payments: ["free"], micro_per_core_hour: "0" });
  return { id: identity.id, node, model };
}

async function cacheOf(name: string): Promise<string> {
  const folder = join(home, name, "cache");
  await mkdir(folder, { recursive: true });
  return folder;
}

const optionsOf = (): DirectOptions => ({ home: join(home, "client"), bootstrap: first.addresses });

test("a program finds a provider that has the model, and has jobs done over one client", async () => {
  const { id, model } = await addProvider("provider");
  client = await openDirect(optionsOf());
  const result = await client.run({ model, inputs: rowsOf(1, 2) });
  expect(result).toMatchObject({ provider: id, price_micro: "0", outputs: [{ name: "y" }] });
  expect((await client.run({ model, inputs: rowsOf(3, 4) })).receipt_path).not.toBe(result.receipt_path);
});

test("the next one is asked when the one that was found refuses", async () => {
  const busy = await addProvider("busy", { availability: () => "paused" });
  const { id } = await addProvider("ready");
  const run = () => runDirect({ ...optionsOf(), model: busy.model, inputs: rowsOf(1, 2) });
  // Whoever has only begun to announce itself may not be found yet, and then nobody is left to be asked.
  const provider = () =>
    run().then(
      (found) => found.provider,
      () => null,
    );
  await expect.poll(provider, { timeout: 20_000 }).toBe(id);
});

test("a provider that is named is the only one, and its refusal has a code and a way out", async () => {
  const { node, model } = await addProvider("strict", { policy: { payments: ["free"], allow: [] } });
  const provider = node.addresses[0] ?? "";
  await expect(
    runDirect({ home: join(home, "client"), provider, model, inputs: rowsOf(1, 2) }),
  ).rejects.toMatchObject({ code: "not_allowed", hint: expect.stringContaining("direct.allow") });
});

test("nobody to begin with, no provider and a provider that has gone are errors with a code", async () => {
  const job = { home: join(home, "client"), model: "0".repeat(64), inputs: rowsOf(1, 2) };
  await expect(runDirect(job)).rejects.toMatchObject({ code: "peers_unknown" });
  await expect(runDirect({ ...job, provider: "nobody" })).rejects.toMatchObject({ code: "usage" });
  const gone = await peers.open();
  const [address = ""] = gone.addresses;
  await gone.stop();
  await expect(runDirect({ ...job, provider: address })).rejects.toMatchObject({ code: "provider_away" });
});

test("a provider is named by its id, or by an address that ends in its PeerId", () => {
  const [address = ""] = first.addresses;
  expect(parseTarget(first.id)).toEqual({ provider: first.id, addresses: [] });
  expect(parseTarget(address)).toEqual({ provider: first.id, addresses: [address] });
  expect(parseTarget("/ip4/127.0.0.1/tcp/1")).toBeNull();
  expect(parseTarget("/ip4/127.0.0.1/tcp/1/p2p/12D3KooWnothing")).toBeNull();
});
