import { recordKey, serviceLabel } from "@infernet/schemas/peer/discovery-label";
import { createIdentity } from "infernet-runner/identity/identity";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import type { PeerNode } from "infernet-runner/p2p/node/peer-node";
import { type Announcer, announce } from "infernet-runner/p2p/testing/announcer";
import { until } from "../../network/until.ts";
import type { BenchContext } from "../bench-part.ts";

export interface BenchNetwork {
  /** Where an object begins: the WebSocket address of the first node. */
  address: string;
  /** DHT keys under which a record lies each, and a label that all announce. */
  recordKeys: string[];
  label: string;
}

const JOIN_MS_MAX = 120_000;

/** Real nodes on loopback that listen for TCP and WebSockets, each with its record in the DHT. */
export async function startNetwork(count: number, { cleanup }: BenchContext): Promise<BenchNetwork> {
  const nodes: PeerNode[] = [];
  const announcers: Announcer[] = [];
  cleanup.add(async () => {
    await Promise.all(announcers.map(({ publisher }) => publisher.stop()));
    await Promise.all(nodes.map((node) => node.stop()));
  });
  for (let n = 0; n < count; n += 1) {
    const identity = createIdentity();
    const node = await createPeerNode({
      identity,
      listen: ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/tcp/0/ws"],
      bootstrap: nodes[0]?.addresses ?? [],
    });
    nodes.push(node);
    announcers.push(await announce(node, identity, { vram_gib: 24, says: { services: ["job"] } }));
  }
  await until(
    "every node has announced itself",
    () => (announcers.every(({ published }) => (published.at(-1)?.holders ?? 0) > 0) ? true : null),
    JOIN_MS_MAX,
  );
  const address = nodes[0]?.addresses.find((one) => one.includes("/ws"));
  if (address === undefined) throw new Error("the first node has no WebSocket address");
  return {
    address,
    recordKeys: announcers.map(({ id }) => new TextDecoder().decode(recordKey(id))),
    label: serviceLabel("job"),
  };
}
