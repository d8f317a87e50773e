import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { lockHome } from "../../identity/home-lock.ts";
import { loadIdentity } from "../../identity/identity.ts";
import { RunnerError } from "../../runner-error.ts";
import type { Log } from "../../work/runner-event.ts";
import { serveBlobs } from "../blobs/serve-blobs.ts";
import { openDiscovery } from "../discovery/open-discovery.ts";
import { createPeerNode } from "../node/create-peer-node.ts";
import { surviveLibraryFaults } from "../node/library-faults.ts";
import type { PeerNode } from "../node/peer-node.ts";

export interface PeerOptions {
  home: string;
  listen: readonly string[];
  announce: readonly string[];
  bootstrap: readonly PeerAddress[];
  isLocal: boolean;
  log: Log;
}

/**
 * A node with nothing of a runner around it: it keeps records for others, answers the DHT, and relays. Throws `RunnerError` when its
 * home or an address cannot be used.
 */
export async function runPeer({
  home,
  log,
  ...options
}: PeerOptions): Promise<{ node: PeerNode; stop(): Promise<void> }> {
  const lock = await lockHome(home);
  const giveUpSurviving = surviveLibraryFaults((error) =>
    log({ event: "warning", detail: `a connection with a peer broke in an odd way: ${error.message}` }),
  );
  // Nothing else keeps the process while nobody is connected.
  const alive = setInterval(() => undefined, 60_000);
  const free = async (): Promise<void> => {
    clearInterval(alive);
    giveUpSurviving();
    await lock.release();
  };
  try {
    const node = await createPeerNode({
      ...options,
      identity: await loadIdentity(home),
      isServer: true,
      onAlone: (tried) => log({ event: "peers.alone", tried: [...tried] }),
      onReachability: (reachability) => log({ event: "peers.reachability", reachability }),
    });
    await openDiscovery(node, Date.now);
    // It has no blobs, and tells those who want the same one of each other.
    await serveBlobs(node, { find: async () => null, streams_max: LIMITS.peer_connections_max });
    return { node, stop: () => node.stop().finally(free) };
  } catch (error) {
    await free();
    if (error instanceof RunnerError) throw error;
    throw new RunnerError("peer_unusable", error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}
