import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NetworkId } from "@infernet/schemas/commitment";
import { publicKeyOf, type RunnerId } from "@infernet/schemas/ids";
import { type Attestation, signAttestation } from "@infernet/schemas/peer/attestation";
import { readPeerRecord } from "@infernet/schemas/peer/peer-record";
import { parseRecordText, renderRecordText } from "@infernet/schemas/peer/peer-record-text";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEchoEngine } from "../../engine/echo-engine.ts";
import { createRunner } from "../../runner.ts";
import { MemoryEdge } from "../../transport/memory-edge.ts";
import { TestPeers } from "../testing/test-peers.ts";
import { type Discovery, openDiscovery } from "./open-discovery.ts";

const PATIENCE = { timeout: 40_000 };
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-discovery-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function attestationOf(runner: RunnerId): Promise<{ text: string; network: NetworkId }> {
  const { id, key } = await createTestSigner(9);
  const network = NetworkId.parse(`net_${Buffer.from(publicKeyOf(id)).toString("base64url")}`);
  const attestation: Attestation = {
    type: "infernet.attestation.v1",
    ...{ network, runner, score: 0.8, shards_completed: 5, shards_failed: 0, shards_expired: 0 },
    ...{ audits_passed: 5, convictions: 0, uptime: 1, latency_p50_ms: null, banned: false },
    ...{ issued_ms: Date.now(), expires_ms: Date.now() + 3_600_000 },
  };
  const sign = async (bytes: Uint8Array<ArrayBuffer>) =>
    new Uint8Array(await crypto.subtle.sign("Ed25519", key, bytes));
  return { text: renderRecordText(await signAttestation(attestation, sign)), network };
}

async function idsOf(discovery: Discovery, network: NetworkId): Promise<[RunnerId, number | null][]> {
  const found: [RunnerId, number | null][] = [];
  const trusted = { networks: [network], score_min: 0.5 };
  for await (const { record, score } of discovery.find({ service: "blob", trusted }))
    found.push([record.runner, score]);
  return found;
}

test("a runner is found with its edge's word of it, shown at the edge, and found no more when it has drained", async () => {
  await using peers = new TestPeers();
  const first = await peers.open();
  const discovery = await openDiscovery(first);
  const edge = new MemoryEdge();
  edge.bootstrap = first.addresses;
  const runner = await createRunner({
    ...{ edge: "memory:", home, engines: [createEchoEngine()], connect: () => edge, log: () => undefined },
    peers: {
      ...{ listen: ["/ip4/127.0.0.1/tcp/0"], announce: [], bootstrap: [] },
      ...{ isLocal: false, isRelay: false, connections_max: 50, isSharing: true },
      aggregators: { allowed: [], at_most: 1 },
    },
  });
  const { text, network } = await attestationOf(runner.id);
  edge.attestation = text;
  const ended = runner.run();

  await expect.poll(() => idsOf(discovery, network), PATIENCE).toEqual([[runner.id, 0.8]]);
  await expect.poll(() => edge.registered.at(-1)?.peer_record, PATIENCE).toBeDefined();
  const told = await readPeerRecord(parseRecordText(edge.registered.at(-1)?.peer_record ?? ""), Date.now());
  expect(told).toMatchObject({ ok: true, value: { record: { runner: runner.id, services: ["blob"] } } });

  runner.drain();
  await ended;
  expect(await idsOf(discovery, network)).toEqual([]);
});
