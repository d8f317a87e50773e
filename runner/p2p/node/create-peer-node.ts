import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Libp2p } from "@libp2p/interface";
import { createLibp2p } from "libp2p";
import type { Identity } from "../../identity/identity.ts";
import { runnerIdOf } from "../peer-id.ts";
import { admitConnections } from "./admit-connections.ts";
import { answerPings } from "./answer-pings.ts";
import { explainListen } from "./explain-listen.ts";
import { followReachability } from "./follow-reachability.ts";
import { Joining } from "./joining.ts";
import { keepConnected, type TriedPeer } from "./keep-connected.ts";
import { libp2pOptions } from "./libp2p-options.ts";
import { openStream } from "./open-stream.ts";
import { paceQuestions } from "./pace-questions.ts";
import type { PeerNode, PeerServices } from "./peer-node.ts";
import type { Reachability } from "./reachability.ts";
import { serveProtocol } from "./serve-protocol.ts";
import { TrafficMeter } from "./traffic.ts";
import { WaysHere } from "./ways-here.ts";

export interface PeerNodeOptions {
  identity: Identity;
  /** Multiaddrs to listen on, as in `/ip4/127.0.0.1/tcp/0`; none: this node only goes to others. */
  listen: readonly string[];
  /** Where others reach it besides, as through a port that a router forwards. */
  announce?: readonly string[];
  /** Others to begin with: multiaddrs that end in `/p2p/<PeerId>`. */
  bootstrap: readonly PeerAddress[];
  /** Asked for others to begin with when there is nobody; those of `bootstrap` where it is left out. */
  findBootstrap?: (signal: AbortSignal) => Promise<readonly PeerAddress[]>;
  /** Whether it is a relay for others, and answers the DHT's questions whatever it thinks of who reaches it. */
  isServer?: boolean;
  /** Whether it looks for peers in the local network, by mDNS. */
  isLocal?: boolean;
  connections_max?: number;
  /** Of one host, as the limits of the same names say. */
  per_host_max?: number;
  inbound_per_second_max?: number;
  rejoin_ms_min?: number;
  now?: () => number;
  /** Gives up opening it: until then somebody may have to be waited for. */
  signal?: AbortSignal;
  /** Told when nobody of those to begin with answers, and when there is somebody after that. */
  onAlone?(tried: readonly TriedPeer[]): void;
  onCompany?(): void;
  onReachability?(reachability: Reachability): void;
}

/**
 * A node in the network of peers. Rejects when an address cannot be listened on; that nobody is there to begin with is no error, and
 * is tried again for as long as the node lives.
 */
export async function createPeerNode(options: PeerNodeOptions): Promise<PeerNode> {
  const { identity, listen, bootstrap, isServer = false } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const traffic = new TrafficMeter();
  let node: Libp2p<PeerServices> | null = null;
  const gater = admitConnections({
    per_host_max: options.per_host_max ?? LIMITS.peer_connections_per_host_max,
    connections: () => node?.getConnections() ?? [],
    traffic,
  });
  const libp2p = await createLibp2p<PeerServices>(libp2pOptions(options, gater)).catch((error: unknown) => {
    throw explainListen(error);
  });
  node = libp2p;
  const listens = listen.length > 0;
  const ways = new WaysHere(libp2p, listens);
  const joining = new Joining(libp2p, signal);
  const onReachability = (reachability: Reachability): void => options.onReachability?.(reachability);
  const reachability = followReachability({ libp2p, ways, listens, isServer, onReachability, signal });
  const giveUp = (): void => stopping.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", giveUp, { once: true });
  try {
    await answerPings(libp2p);
    paceQuestions(libp2p.services.dht);
    await keepConnected({
      libp2p,
      find: options.findBootstrap ?? (async () => bootstrap),
      onAlone: (tried) => options.onAlone?.(tried),
      onCompany: () => options.onCompany?.(),
      signal,
      rejoin_ms_min: options.rejoin_ms_min,
    });
  } catch (error) {
    stopping.abort(error);
    await libp2p.stop();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", giveUp);
  }

  return {
    id: identity.id,
    libp2p,
    get addresses() {
      return libp2p.getMultiaddrs().map(String).slice(0, LIMITS.peer_addresses_max);
    },
    get reachability() {
      return reachability();
    },
    get listening() {
      const own = libp2p.services.ports.addresses().map((address) => `${address}/p2p/${libp2p.peerId}`);
      const announced = (options.announce ?? []).map((address) => `${address}/p2p/${libp2p.peerId}`);
      return [...announced, ...own];
    },
    get traffic() {
      return traffic.read();
    },
    wayOf: (connection) => ways.wayOf(connection),
    connected: () => [...new Set(libp2p.getPeers().flatMap((peer) => runnerIdOf(peer) ?? []))],
    serve: (protocol, handler) => serveProtocol(libp2p, protocol, handler),
    open: (peer, protocol, how) => openStream(libp2p, peer, protocol, how),
    joined: (until) => joining.joined(until),
    stop: async () => {
      stopping.abort(new Error("the node has stopped"));
      await libp2p.stop();
    },
  };
}
