import type { ConnectedPeer } from "../../control/peers-report.ts";
import { runnerIdOf } from "../peer-id.ts";
import type { PeerNode } from "./peer-node.ts";

/** Every connection, the oldest first. */
export function readConnections({ libp2p, wayOf }: Pick<PeerNode, "libp2p" | "wayOf">): ConnectedPeer[] {
  return libp2p
    .getConnections()
    .flatMap((connection) => {
      const id = runnerIdOf(connection.remotePeer);
      if (id === null) return [];
      const { remoteAddr, direction, timeline, rtt, streams } = connection;
      return {
        ...{ id, direction, way: wayOf(connection) },
        address: remoteAddr.toString(),
        since: new Date(timeline.open).toISOString(),
        rtt_ms: rtt ?? null,
        streams: streams.length,
      };
    })
    .sort((a, b) => a.since.localeCompare(b.since));
}
