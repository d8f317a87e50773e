import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { createPeerNode } from "../node/create-peer-node.ts";
import type { PeerNode } from "../node/peer-node.ts";
import type { PeerDeps } from "./peer-deps.ts";
import type { PeerSettings } from "./peer-settings.ts";
import { servePeers } from "./serve-peers.ts";

export interface JoinOptions {
  settings: PeerSettings;
  /** Peers to begin with: those of the settings and of the edge. */
  bootstrap: readonly PeerAddress[];
  deps: PeerDeps;
}

export interface PeersHandle {
  readonly node: PeerNode;
  /** Begins nothing new for peers; what has begun goes on. */
  drain(): void;
  /** Takes back what peers were told, and closes the node. */
  stop(): Promise<void>;
}

/**
 * Opens this machine's node with all that it does for peers. It loads libp2p: import this module only where the network of peers
 * is wanted. Rejects when an address cannot be listened on.
 */
export async function joinPeers({ settings, bootstrap, deps }: JoinOptions): Promise<PeersHandle> {
  const node = await createPeerNode({
    identity: deps.identity,
    listen: settings.listen,
    bootstrap,
    isServer: settings.isRelay,
    isLocal: settings.isLocal,
  });
  try {
    const services = await servePeers(node, deps);
    return {
      node,
      drain: () => {
        for (const service of services) service.drain?.();
      },
      stop: async () => {
        // The last that began may stand on those before it.
        for (const service of services.toReversed()) await service.stop().catch(() => undefined);
        await node.stop();
      },
    };
  } catch (error) {
    await node.stop();
    throw error;
  }
}
