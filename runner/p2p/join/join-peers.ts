import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { PeersReport } from "../../control/peers-report.ts";
import { createPeerNode } from "../node/create-peer-node.ts";
import { surviveLibraryFaults } from "../node/library-faults.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { readConnections } from "../node/read-connections.ts";
import { rememberPeers } from "./known-peers.ts";
import type { PeerDeps } from "./peer-deps.ts";
import type { PeerSettings } from "./peer-settings.ts";
import { servePeers } from "./serve-peers.ts";

export interface JoinOptions {
  settings: PeerSettings;
  /** Peers to begin with: those of the settings and of the edge. */
  findBootstrap(signal: AbortSignal): Promise<readonly PeerAddress[]>;
  deps: PeerDeps;
  /** Gives up opening it. */
  signal: AbortSignal;
}

export interface PeersHandle {
  readonly node: PeerNode;
  read(): PeersReport;
  /** Begins nothing new for peers; what has begun goes on. */
  drain(): void;
  /** Takes back what peers were told, and closes the node. */
  stop(): Promise<void>;
}

/**
 * Opens this machine's node with all that it does for peers. It loads libp2p: import this module only where the network of peers
 * is wanted. Rejects when an address cannot be listened on.
 */
export async function joinPeers({
  settings,
  findBootstrap,
  deps,
  signal,
}: JoinOptions): Promise<PeersHandle> {
  const { log } = deps;
  const { listen, announce, isRelay, isLocal, connections_max } = settings;
  const stopping = new AbortController();
  const giveUpSurviving = surviveLibraryFaults((error) =>
    log({ event: "warning", detail: `a connection with a peer broke in an odd way: ${error.message}` }),
  );
  let tried: PeersReport["tried"] = [];
  const node = await createPeerNode({
    ...{ identity: deps.identity, listen, announce, isServer: isRelay, isLocal, connections_max },
    bootstrap: [],
    findBootstrap,
    signal,
    onAlone: (silent) => {
      tried = [...silent];
      log({ event: "peers.alone", tried });
    },
    onReachability: (reachability) => log({ event: "peers.reachability", reachability }),
  }).catch((error: unknown) => {
    giveUpSurviving();
    throw error;
  });
  const tellJoined = async (): Promise<void> => {
    if (!(await node.joined(stopping.signal))) return;
    log({ event: "peers.joined", addresses: node.addresses, peers: node.connected().length });
    await remember();
  };
  // Its edge may be gone when the runner starts again, and those to begin with may be others.
  const remember = (): Promise<void> => rememberPeers(deps.home, deps.edge, readConnections(node));
  const remembering = setInterval(() => void remember(), LIMITS.peers_ask_every_ms).unref();
  const close = async (): Promise<void> => {
    stopping.abort();
    clearInterval(remembering);
    await node.stop().finally(giveUpSurviving);
  };
  try {
    const services = await servePeers(node, deps, settings);
    void tellJoined();
    return {
      node,
      read: () => {
        const peers = readConnections(node);
        const { reachability, addresses } = node;
        return {
          ...{ state: peers.length > 0 ? "among_peers" : "alone", failure: null, tried, peers },
          ...{ reachability, addresses, ...node.traffic },
        };
      },
      drain: () => {
        for (const service of services) service.drain?.();
      },
      stop: async () => {
        await remember();
        // The last that began may stand on those before it.
        for (const service of services.toReversed()) await service.stop().catch(() => undefined);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
