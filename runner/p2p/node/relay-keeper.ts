import { LIMITS } from "@infernet/schemas/limits";
import { RELAY_V2_HOP_CODEC } from "@libp2p/circuit-relay-v2";
import type { Connection, IdentifyResult, Startable } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { isRelayed } from "./host-of.ts";

/** What the keeper is lent of a node's inside. */
export interface RelayKeeperComponents {
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
  /** Peers that have said that they are relays. */
  readonly #known = new Set<string>();
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

  /** To be told what peers say of themselves. */
  note({ peerId, protocols }: Pick<IdentifyResult, "peerId" | "protocols">): void {
    const peer = peerId.toString();
    this.#known.delete(peer);
    if (!protocols.includes(RELAY_V2_HOP_CODEC)) return;
    this.#known.add(peer);
    const [oldest] = this.#known;
    if (oldest !== undefined && this.#known.size > LIMITS.peer_connections_max) this.#known.delete(oldest);
  }

  /** To be called when there may be another relay. */
  async look(): Promise<void> {
    if (this.#isLooking || !this.isNeeded()) return;
    this.#isLooking = true;
    try {
      for (const connection of this.#candidates()) {
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

  #candidates(): Connection[] {
    const relays = this.#relays();
    const now_ms = performance.now();
    for (const [peer, until_ms] of this.#refused) if (until_ms <= now_ms) this.#refused.delete(peer);
    return this.#components.connectionManager.getConnections().filter((connection) => {
      const peer = connection.remotePeer.toString();
      // Who came here may have no port to come back to.
      const isOpen = connection.status === "open" && connection.direction === "outbound";
      const isKnown = this.#known.has(peer) && !isRelayed(connection.remoteAddr);
      return isOpen && isKnown && !relays.has(peer) && !this.#refused.has(peer);
    });
  }

  async #reserve({ remoteAddr, remotePeer }: Connection): Promise<void> {
    try {
      await this.#components.transportManager.listen([remoteAddr.encapsulate("/p2p-circuit")]);
    } catch {
      this.#refused.set(remotePeer.toString(), performance.now() + REFUSED_MS);
    }
  }
}

/** The relay's PeerId: the last before `/p2p-circuit`. */
function relayOf(address: Multiaddr): string | undefined {
  const parts = address.getComponents();
  const at = parts.findIndex(({ name }) => name === "p2p-circuit");
  return parts.slice(0, at).findLast(({ name }) => name === "p2p")?.value;
}
