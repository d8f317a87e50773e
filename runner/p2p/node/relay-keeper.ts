import { LIMITS } from "@infernet/schemas/limits";
import { RELAY_V2_HOP_CODEC } from "@libp2p/circuit-relay-v2";
import type { Connection, PeerStore, Startable } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { isRelayed } from "./host-of.ts";

/** What the keeper is lent of a node's inside. */
export interface RelayKeeperComponents {
  peerStore: PeerStore;
  connectionManager: { getConnections(): Connection[] };
  addressManager: { getAddresses(): Multiaddr[] };
  transportManager: { listen(addresses: Multiaddr[]): Promise<void> };
}

/** A relay that said no is not asked again for so long. */
const REFUSED_MS = 5 * 60_000;

/**
 * Reserves places at relays for a node that others cannot come to by themselves: at peers that it has gone to, which pass
 * on for others. The library would look for relays all over the DHT, without an end where there are none; this one takes those
 * it meets, the peers to begin with above all.
 */
export class RelayKeeper implements Startable {
  readonly #components: RelayKeeperComponents;
  /** When each may be asked again. */
  readonly #refused = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  /** Set by the node: whether others reach it without a relay. */
  isNeeded: () => boolean = () => false;

  constructor(components: RelayKeeperComponents) {
    this.#components = components;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), LIMITS.relay_look_ms).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.isNeeded = () => false;
  }

  /** To be called when there may be another relay. */
  async look(): Promise<void> {
    if (this.#isLooking || !this.isNeeded()) return;
    this.#isLooking = true;
    try {
      for (const connection of await this.#candidates()) {
        if (this.#count() >= LIMITS.relays_of_node_max) break;
        await this.#reserve(connection);
      }
    } finally {
      this.#isLooking = false;
    }
  }

  /** Relays by which it is reached now. */
  #relays(): Set<string> {
    const relayed = this.#components.addressManager.getAddresses().filter(isRelayed);
    return new Set(relayed.flatMap((address) => relayOf(address) ?? []));
  }

  #count(): number {
    return this.#relays().size;
  }

  async #candidates(): Promise<Connection[]> {
    const relays = this.#relays();
    if (relays.size >= LIMITS.relays_of_node_max) return [];
    const now_ms = Date.now();
    const found: Connection[] = [];
    for (const connection of this.#components.connectionManager.getConnections()) {
      const peer = connection.remotePeer.toString();
      const isOpen = connection.status === "open" && connection.limits === undefined;
      // Who came here may have no port to come back to.
      if (!isOpen || connection.direction !== "outbound" || relays.has(peer)) continue;
      if ((this.#refused.get(peer) ?? 0) > now_ms) continue;
      const { protocols } = await this.#components.peerStore.get(connection.remotePeer).catch(() => NOBODY);
      if (protocols.includes(RELAY_V2_HOP_CODEC)) found.push(connection);
    }
    return found;
  }

  async #reserve({ remoteAddr, remotePeer }: Connection): Promise<void> {
    try {
      await this.#components.transportManager.listen([remoteAddr.encapsulate("/p2p-circuit")]);
    } catch {
      this.#refused.set(remotePeer.toString(), Date.now() + REFUSED_MS);
    }
  }
}

const NOBODY: { protocols: string[] } = { protocols: [] };

/** The relay's PeerId: the last before `/p2p-circuit`. */
function relayOf(address: Multiaddr): string | undefined {
  const parts = address.getComponents();
  const at = parts.findIndex(({ name }) => name === "p2p-circuit");
  return parts.slice(0, at).findLast(({ name }) => name === "p2p")?.value;
}
