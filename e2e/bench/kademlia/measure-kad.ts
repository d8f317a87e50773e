import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { createIdentity } from "infernet-runner/identity/identity";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import type { PeerNode } from "infernet-runner/p2p/node/peer-node";
import { peerIdOf, runnerIdOf } from "infernet-runner/p2p/peer-id";
import { until } from "../../network/until.ts";
import { OUR_PARAMS } from "../../sim/kademlia/kad-params.ts";
import type { BenchContext } from "../bench-part.ts";
import { median } from "../quantile.ts";

export interface KadReport {
  contacts_mean: number;
  /** Questions that one look-up sent. */
  messages_mean: number;
  /** Of the k nodes nearest to a key, how many the look-up ended at. */
  nearest_share: number;
  median_ms: number;
  /** Of one question with its answer, both ways, with whatever else nodes said meanwhile; without TCP's and IP's headers. */
  question_bytes: number;
}

const JOIN_MS_MAX = 240_000;
/** Between two refreshes of their tables nodes come to know somebody by what they ask, or not at all. */
const QUIET_MS = 5_000;
const LOOK_UP_MS_MAX = 60_000;

export async function measureKad(
  count: number,
  look_ups: number,
  { cleanup, say }: BenchContext,
): Promise<KadReport> {
  const nodes: PeerNode[] = [];
  cleanup.add(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  });
  say(`${count} nodes join one after the other`);
  for (let n = 0; n < count; n += 1) {
    const identity = createIdentity();
    const bootstrap = nodes[0]?.addresses ?? [];
    nodes.push(await createPeerNode({ identity, listen: ["/ip4/127.0.0.1/tcp/0"], bootstrap }));
  }
  let known = 0;
  const settled = async (): Promise<true | null> => {
    const before = known;
    await delay(QUIET_MS);
    known = mean(nodes.map(contactsOf));
    return known === before && known > 0 ? true : null;
  };
  await until("nobody comes to know anybody any more", settled, JOIN_MS_MAX);

  say(`${look_ups} look-ups`);
  const ids = new Map<RunnerId, Uint8Array>();
  for (const { id } of nodes) ids.set(id, await kadIdOf(peerIdOf(id).toMultihash().bytes));
  let messages = 0;
  let shares = 0;
  let asked_bytes = 0;
  const times: number[] = [];
  for (let n = 0; n < look_ups; n += 1) {
    const asker = nodes[n % nodes.length] as PeerNode;
    const key = randomBytes(32);
    const begun = performance.now();
    const bytes = trafficOf(nodes);
    const found: RunnerId[] = [];
    const signal = AbortSignal.timeout(LOOK_UP_MS_MAX);
    for await (const event of asker.libp2p.services.dht.getClosestPeers(key, { signal })) {
      if (event.name === "SEND_QUERY") messages += 1;
      if (event.name !== "FINAL_PEER") continue;
      const runner = runnerIdOf(event.peer.id);
      if (runner !== null) found.push(runner);
    }
    times.push(performance.now() - begun);
    asked_bytes += trafficOf(nodes) - bytes;
    const nearest = nearestOf(ids, await kadIdOf(key), asker.id);
    shares += nearest.filter((id) => found.includes(id)).length / nearest.length;
  }
  return {
    contacts_mean: mean(nodes.map(contactsOf)),
    messages_mean: messages / look_ups,
    nearest_share: shares / look_ups,
    median_ms: median(times),
    question_bytes: asked_bytes / messages,
  };
}

const contactsOf = ({ libp2p }: PeerNode): number => {
  const { dht } = libp2p.services;
  return "routingTable" in dht ? (dht.routingTable as { size: number }).size : Number.NaN;
};

/** What all nodes have received: all that any of them has sent. */
const trafficOf = (nodes: readonly PeerNode[]): number =>
  nodes.reduce((sum, { traffic }) => sum + traffic.received_bytes, 0);

/** Where a key lies in the DHT: libp2p's specification hashes ids and keys alike. */
async function kadIdOf(key: Uint8Array): Promise<Uint8Array> {
  return Buffer.from(await sha256(new Uint8Array(key)), "hex");
}

function nearestOf(ids: ReadonlyMap<RunnerId, Uint8Array>, key: Uint8Array, asker: RunnerId): RunnerId[] {
  const far = (id: Uint8Array): Buffer => Buffer.from(id.map((byte, n) => byte ^ (key[n] ?? 0)));
  return [...ids]
    .filter(([runner]) => runner !== asker)
    .sort(([, a], [, b]) => far(a).compare(far(b)))
    .slice(0, OUR_PARAMS.k)
    .map(([runner]) => runner);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
