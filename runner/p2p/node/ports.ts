import type { Multiaddr } from "@multiformats/multiaddr";
import { isRelayed } from "./host-of.ts";

/** What a node listens on. The library itself tells only what it believes that others can reach. */
export interface Ports {
  /** Without those of relays. */
  addresses(): Multiaddr[];
}

export const openPorts = ({
  transportManager,
}: {
  transportManager: { getAddrs(): Multiaddr[] };
}): Ports => ({
  addresses: () => transportManager.getAddrs().filter((address) => !isRelayed(address)),
});
