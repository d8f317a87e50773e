import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Libp2p, Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { peerIdOf } from "../peer-id.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import type { PeerNode } from "./peer-node.ts";

/** As `PeerNode.open` has it. */
export async function openStream(
  libp2p: Libp2p,
  peer: RunnerId,
  protocol: string,
  {
    addresses = [],
    signal = AbortSignal.timeout(LIMITS.peer_dial_ms_max),
  }: Parameters<PeerNode["open"]>[2] = {},
): Promise<Stream> {
  const target = peerIdOf(peer);
  try {
    const isConnected = libp2p.getConnections(target).some(({ status }) => status === "open");
    if (!isConnected && addresses.length > 0)
      await libp2p.dial(
        addresses.map((address) => multiaddr(withPeer(address, target.toString()))),
        { signal },
      );
    return await libp2p.dialProtocol(target, protocol, { signal, runOnLimitedConnection: true });
  } catch (error) {
    throw PeerFault.from(error, signal.aborted);
  }
}

/** Of a relayed address the last peer is the one that it leads to. */
const withPeer = (address: PeerAddress, peer: string): string =>
  address.endsWith(`/p2p/${peer}`) ? address : `${address}/p2p/${peer}`;
