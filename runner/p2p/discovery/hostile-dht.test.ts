import type { RunnerId } from "@infernet/schemas/ids";
import { signPeerRecord } from "@infernet/schemas/peer/peer-record";
import { samplePeerRecord } from "@infernet/schemas/testing/sample-peer-record";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createIdentity } from "../../identity/identity.ts";
import { type Announcer, announce } from "../testing/announcer.ts";
import { type Lie, tellLies } from "../testing/lying-peer.ts";
import { TestPeers } from "../testing/test-peers.ts";
import { type Discovery, openDiscovery } from "./open-discovery.ts";

/** Honest machines; with a few liars among them everybody is everybody's neighbour. */
const HONEST = 4;
const WAIT_MS = 40_000;
const PATIENCE = { timeout: WAIT_MS };
const peers = new TestPeers();
const machines: Announcer[] = [];

beforeAll(async () => {
  for (let n = 0; n < HONEST; n += 1) {
    const identity = createIdentity();
    machines.push(await announce(await peers.open({ identity }), identity, { vram_gib: 24 }));
  }
  for (const { published } of machines)
    await vi.waitFor(() => expect(published.at(-1)?.holders).toBe(HONEST - 1), PATIENCE);
});
afterAll(() => peers[Symbol.asyncDispose]());

/** A record that holds, of a machine that nobody asked for. */
async function othersRecord(): Promise<Uint8Array> {
  const other = createIdentity();
  const issued_ms = Date.now() - 60_000;
  const times = { sequence: issued_ms, issued_ms, expires_ms: issued_ms + 600_000 };
  return (await signPeerRecord(samplePeerRecord({ runner: other.id, ...times }), other.sign)).bytes;
}

const LIES: Record<string, () => Promise<Lie[]>> = {
  "peers that do not exist, without end, and never": async () => [
    { nearer: 50 },
    { nearer: 20, providers: 1_000 },
    { isNoise: true },
    { isSilent: true },
  ],
  "records that are none, another's, and larger than any": async () => [
    { value: new Uint8Array(8 * 1024) },
    { value: await othersRecord() },
    { value: new Uint8Array(1024 ** 2) },
  ],
};

test.each(Object.keys(LIES))(
  "who asks among peers that answer with %s finds every honest machine",
  async (name) => {
    const lies = await (LIES[name] ?? expect.fail(name))();
    const liars = await Promise.all(
      lies.map(async (lie) => {
        const node = await peers.open();
        return { node, ...(await tellLies(node, lie)) };
      }),
    );
    try {
      const finder = await openDiscovery(await joinAt(liars.flatMap(({ node }) => node.addresses)));
      expect(await idsOf(finder)).toEqual(machines.map(({ id }) => id).toSorted());
      const [first] = machines;
      const seen = () => finder.lookUp(first?.id ?? expect.fail(), AbortSignal.timeout(WAIT_MS));
      await expect.poll(async () => (await seen())?.record.runner, PATIENCE).toBe(first?.id);
      for (const { asked } of liars) await expect.poll(asked, PATIENCE).toBeGreaterThan(0);
    } finally {
      await Promise.all(liars.map(({ node }) => node.stop()));
    }
  },
);

/** A node that begins with liars, and knows one honest node besides. */
async function joinAt(liars: readonly string[]) {
  const honest = machines[0]?.node.addresses ?? [];
  const node = await peers.open({ listen: [], bootstrap: [...liars, ...honest] });
  expect(await node.joined(AbortSignal.timeout(WAIT_MS))).toBe(true);
  return node;
}

async function idsOf(discovery: Discovery): Promise<RunnerId[]> {
  const found: RunnerId[] = [];
  for await (const { record } of discovery.find(
    { engine: "onnx", vram_gib_min: 24 },
    { signal: AbortSignal.timeout(WAIT_MS) },
  )) {
    found.push(record.runner);
    if (found.length === HONEST) break;
  }
  return found.toSorted();
}

test("a node that is told of peers that do not exist keeps none of them among its contacts", async () => {
  const liar = await peers.open();
  const { asked } = await tellLies(liar, { nearer: 40 });
  const finder = await joinAt(liar.addresses);
  await expect.poll(asked, PATIENCE).toBeGreaterThan(0);
  const { dht } = finder.libp2p.services;
  const routes = "routingTable" in dht ? (dht.routingTable as { size: number }) : expect.fail();
  expect(routes.size).toBeLessThanOrEqual(HONEST + 1);
  await liar.stop();
});
