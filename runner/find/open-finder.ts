import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { askEdge } from "../cli/ask-edge.ts";
import { createIdentity, type Identity } from "../identity/identity.ts";
import type { Discovery } from "../p2p/discovery/open-discovery.ts";
import { openDiscovery } from "../p2p/discovery/open-discovery.ts";
import { createPeerNode } from "../p2p/node/create-peer-node.ts";
import { surviveLibraryFaults } from "../p2p/node/library-faults.ts";
import type { PeerNode } from "../p2p/node/peer-node.ts";
import { RunnerError } from "../runner-error.ts";
import type { EdgeClient } from "../transport/edge-client.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";

export interface FinderOptions {
  /** Names peers to begin with, where no others are given; null: none is asked. */
  edge: string | null;
  bootstrap: readonly PeerAddress[];
  /** Whether peers of the local network are looked for. */
  isLocal: boolean;
  signal: AbortSignal;
  /** With whose key it goes there; with one that is forgotten afterwards where it is left out. */
  identity?: Identity;
}

/** Somebody who looks for peers, and is none. */
export interface Finder extends Pick<Discovery, "find"> {
  readonly node: PeerNode;
  close(): Promise<void>;
}

/**
 * Goes to the network of peers. Throws `RunnerError`: `peers_unknown` where nobody is
 * named to begin with, `peers_away` where none of them answers.
 */
export async function openFinder(options: FinderOptions): Promise<Finder> {
  const { edge, bootstrap, isLocal, signal, identity = createIdentity() } = options;
  const asksEdge = bootstrap.length === 0 && edge !== null;
  const named = asksEdge ? await askPeers(createHttpEdgeClient({ edge, identity }), edge, signal) : bootstrap;
  if (named.length === 0 && !isLocal) {
    const why = edge === null ? "nobody is named" : `${edge} names nobody`;
    throw new RunnerError("peers_unknown", `${why} to begin with in the network of peers`);
  }
  const giveUpSurviving = surviveLibraryFaults(() => undefined);
  const alone = Promise.withResolvers<boolean>();
  const node = await createPeerNode({
    ...{ identity, listen: [], bootstrap: named, isLocal },
    // In a house others may still be heard of.
    onAlone: () => (isLocal ? undefined : alone.resolve(false)),
  });
  const close = (): Promise<void> => node.stop().finally(giveUpSurviving);
  try {
    const wait = AbortSignal.any([signal, AbortSignal.timeout(LIMITS.peer_dial_ms_max)]);
    const isThere = await Promise.race([node.joined(wait), alone.promise]);
    if (!isThere) throw new RunnerError("peers_away", explainAway(named, isLocal));
    const { find } = await openDiscovery(node);
    return { node, find, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const askPeers = (client: EdgeClient, edge: string, signal: AbortSignal): Promise<PeerAddress[]> =>
  askEdge(edge, "to name peers", () => client.getPeers(signal));

function explainAway(named: readonly PeerAddress[], isLocal: boolean): string {
  const inHouse = isLocal ? "nobody in the local network answers" : "";
  if (named.length === 0) return inHouse;
  const list = named.slice(0, 4).join(", ") + (named.length > 4 ? `, and ${named.length - 4} more` : "");
  const away = `none of the ${named.length} peers to begin with answers: ${list}`;
  return isLocal ? `${away}; ${inHouse}` : away;
}
