import { LIMITS } from "@infernet/schemas/limits";
import type { Libp2p } from "@libp2p/interface";
import { asError } from "../../as-error.ts";
import { runnerIdOf } from "../peer-id.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import type { PeerHandler } from "./peer-node.ts";

/** As `PeerNode.serve` has it. */
export async function serveProtocol(libp2p: Libp2p, protocol: string, handler: PeerHandler): Promise<void> {
  await libp2p.handle(
    protocol,
    async (stream, connection) => {
      const from = runnerIdOf(connection.remotePeer);
      if (from === null) return stream.abort(new PeerFault("refused", "only Ed25519 keys are peers here"));
      await handler(stream, from).catch((error: unknown) => stream.abort(asError(error)));
    },
    {
      maxInboundStreams: LIMITS.peer_protocol_streams_max,
      maxOutboundStreams: LIMITS.peer_protocol_streams_max,
      runOnLimitedConnection: true,
    },
  );
}
