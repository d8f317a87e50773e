import type { Connection, ConnectionGater, MultiaddrConnection } from "@libp2p/interface";
import { hostOf } from "./host-of.ts";
import type { TrafficMeter } from "./traffic.ts";

export interface AdmissionOptions {
  per_host_max: number;
  /** Open now. */
  connections(): readonly Connection[];
  traffic: TrafficMeter;
}

/** Who may connect: no host more often than the limit, however many keys it has. */
export function admitConnections({ per_host_max, connections, traffic }: AdmissionOptions): ConnectionGater {
  /** In the middle of their handshakes, with their hosts. */
  const beginning = new Map<MultiaddrConnection, string>();

  const isFull = (host: string): boolean => {
    const open = connections().filter(({ remoteAddr }) => hostOf(remoteAddr) === host).length;
    const begun = [...beginning.values()].filter((other) => other === host).length;
    return open + begun >= per_host_max;
  };

  return {
    // A node on one machine or in one house is as good as any: who has no address in public is reached where it is.
    denyDialMultiaddr: () => false,
    denyInboundConnection: (connection) => {
      const host = hostOf(connection.remoteAddr);
      if (host !== null) {
        if (isFull(host)) return true;
        beginning.set(connection, host);
        connection.addEventListener("close", () => beginning.delete(connection));
      }
      traffic.watch(connection);
      return false;
    },
    denyInboundUpgradedConnection: (_peer, connection) => {
      beginning.delete(connection);
      return false;
    },
    denyOutboundConnection: (_peer, connection) => {
      traffic.watch(connection);
      return false;
    },
  };
}
