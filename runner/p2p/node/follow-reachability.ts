import type { Libp2p } from "@libp2p/interface";
import type { PeerServices } from "./peer-node.ts";
import { decideReachability, type Reachability } from "./reachability.ts";
import type { WaysHere } from "./ways-here.ts";

export interface ReachabilityOptions {
  libp2p: Libp2p<PeerServices>;
  ways: WaysHere;
  /** Whether it has a port of its own. */
  listens: boolean;
  /** Whether it is a relay, and answers the DHT whatever it thinks of who reaches it. */
  isServer: boolean;
  onReachability(reachability: Reachability): void;
  /** Ends it. */
  signal: AbortSignal;
}

/**
 * Has a node do what goes with how others reach it: answer the DHT only where they do, reserve places at relays where they do not, and
 * be dialled back to find out. Returns what it thinks now.
 */
export function followReachability(options: ReachabilityOptions): () => Reachability {
  const { libp2p, ways, listens, isServer, onReachability, signal } = options;
  const { dht, relays, dialBack } = libp2p.services;
  const reachability = (): Reachability => decideReachability(ways.read());
  let told = reachability();

  const review = (): void => {
    if (signal.aborted) return;
    const { isInPublic } = ways.read();
    const now = reachability();
    // Who cannot be reached would only be asked in vain.
    const isAsked = listens && (now === "direct" || (now === "unknown" && !isInPublic));
    void dht.setMode(isServer || isAsked ? "server" : "client").catch(() => undefined);
    if (now === told) return;
    told = now;
    onReachability(now);
  };

  if (isServer) dialBack.trust();
  relays.isNeeded = () => !isServer && reachability() !== "direct";
  libp2p.addEventListener("peer:identify", ({ detail }) => {
    relays.note(detail);
    void dialBack.note(detail).catch(() => undefined);
    review();
    // With a port of its own it is given the time of one look to find out whether others come by that.
    if (!listens) void relays.look();
  });
  for (const event of ["connection:open", "connection:close", "self:peer:update"] as const)
    libp2p.addEventListener(event, review);
  return reachability;
}
