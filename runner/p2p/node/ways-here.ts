import type { Connection, Libp2p } from "@libp2p/interface";
import { isPrivate } from "@libp2p/utils";
import { isRelayed } from "./host-of.ts";
import type { PeerWay } from "./peer-node.ts";
import type { ReachabilityFacts } from "./reachability.ts";

/** What was seen is believed for so long: a machine may be carried elsewhere. */
const SEEN_MS = 3_600_000;

/** Watches how others come to this node. */
export class WaysHere {
  readonly #libp2p: Libp2p;
  readonly #listens: boolean;
  readonly #punched = new Set<string>();
  #public_ms = Number.NEGATIVE_INFINITY;
  #private_ms = Number.NEGATIVE_INFINITY;

  constructor(libp2p: Libp2p, listens: boolean) {
    this.#libp2p = libp2p;
    this.#listens = listens;
    libp2p.addEventListener("connection:open", ({ detail }) => this.#note(detail));
    libp2p.addEventListener("peer:disconnect", ({ detail }) => this.#punched.delete(detail.toString()));
  }

  read(): ReachabilityFacts {
    const addresses = this.#libp2p.getMultiaddrs();
    const since_ms = performance.now() - SEEN_MS;
    return {
      listens: this.#listens,
      isConfirmed: addresses.some((address) => !isRelayed(address) && !isPrivate(address)),
      cameFromPublic: this.#public_ms > since_ms,
      cameFromPrivate: this.#private_ms > since_ms,
      isInPublic: this.#libp2p
        .getConnections()
        .some(({ remoteAddr }) => !isRelayed(remoteAddr) && !isPrivate(remoteAddr)),
      hasRelay: addresses.some(isRelayed),
      punched: this.#punched.size,
    };
  }

  /** How this connection came to be, for a person. */
  wayOf(connection: Connection): PeerWay {
    if (isRelayed(connection.remoteAddr)) return "relayed";
    return this.#punched.has(connection.remotePeer.toString()) ? "hole_punched" : "direct";
  }

  #note({ id, remotePeer, remoteAddr, direction }: Connection): void {
    if (isRelayed(remoteAddr)) return;
    const others = this.#libp2p.getConnections(remotePeer).filter((other) => other.id !== id);
    // DCUtR makes the second one while the relayed one is open.
    if (others.some((other) => isRelayed(other.remoteAddr))) this.#punched.add(remotePeer.toString());
    else if (direction === "inbound" && isPrivate(remoteAddr)) this.#private_ms = performance.now();
    else if (direction === "inbound") this.#public_ms = performance.now();
  }
}
