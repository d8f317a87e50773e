import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { type AggregatorSettings, addressesOf } from "../leases/aggregator-settings.ts";

/** How this machine takes part in the network of peers. */
export interface PeerSettings {
  /** Multiaddrs to listen on; none: it goes to others only, and a relay leads others here. */
  listen: readonly string[];
  /** Where others reach it besides, as through a port that a router forwards. */
  announce: readonly string[];
  /** Peers to begin with, besides those that the edge names. */
  bootstrap: readonly PeerAddress[];
  /** Whether it looks for peers in the local network. */
  isLocal: boolean;
  /** Whether it is a relay for others. */
  isRelay: boolean;
  connections_max: number;
  /** Whether others may have the models that are in its cache. */
  isSharing: boolean;
  aggregators: AggregatorSettings;
}

/** Whether the network of peers is joined although nobody names a peer in it. */
export const begins = ({ listen, bootstrap, isLocal, aggregators }: PeerSettings): boolean =>
  listen.length > 0 || bootstrap.length > 0 || isLocal || addressesOf(aggregators).length > 0;
