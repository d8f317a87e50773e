import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Connection, Libp2p, PeerId, Stream } from "@libp2p/interface";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
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
    const connection =
      connectionTo(libp2p, target) ?? (await libp2p.dial(placesOf(target, addresses), { signal }));
    return await connection.newStream(protocol, { signal, runOnLimitedConnection: true });
  } catch (error) {
    throw PeerFault.from(error, signal.aborted);
  }
}

/**
 * One of its own before one by a relay. The library would dial anew for each stream where there are only relayed ones, and throw the
 * doubles away together with what goes on in them.
 */
function connectionTo(libp2p: Libp2p, target: PeerId): Connection | undefined {
  const open = libp2p.getConnections(target).filter(({ status }) => status === "open");
  return open.find(({ limits }) => limits === undefined) ?? open[0];
}

const placesOf = (target: PeerId, addresses: readonly PeerAddress[]): PeerId | Multiaddr[] =>
  addresses.length === 0
    ? target
    : addresses.map((address) => multiaddr(withPeer(address, target.toString())));

/** Of a relayed address the last peer is the one that it leads to. */
const withPeer = (address: PeerAddress, peer: string): string =>
  address.endsWith(`/p2p/${peer}`) ? address : `${address}/p2p/${peer}`;
