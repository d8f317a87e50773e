import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { autoNAT } from "@libp2p/autonat";
import { circuitRelayServer, circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { dcutr } from "@libp2p/dcutr";
import { identify, identifyPush } from "@libp2p/identify";
import type { Stream } from "@libp2p/interface";
import { kadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { mdns } from "@libp2p/mdns";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { webSockets } from "@libp2p/websockets";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import type { Identity } from "../../identity/identity.ts";
import { recordSelector, recordValidator } from "../discovery/record-rules.ts";
import { peerIdOf, privateKeyOf, runnerIdOf } from "../peer-id.ts";
import { PROTOCOLS } from "../protocols.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import { answerPings } from "./answer-pings.ts";
import { explainListen } from "./explain-listen.ts";
import { guardedYamux } from "./guarded-yamux.ts";
import type { PeerHandler, PeerNode, PeerServices } from "./peer-node.ts";

export interface PeerNodeOptions {
  identity: Identity;
  /** Multiaddrs to listen on, as in `/ip4/127.0.0.1/tcp/0`; none: this node only goes to others. */
  listen: readonly string[];
  /** Others to begin with: multiaddrs that end in `/p2p/<PeerId>`. */
  bootstrap: readonly PeerAddress[];
  /** Whether it is a relay for others, and answers the DHT's questions whatever AutoNAT thinks of it. */
  isServer?: boolean;
  /** Whether it looks for peers in the local network, by mDNS. */
  isLocal?: boolean;
  now?: () => number;
}

/** A node in the network of peers. Rejects when an address cannot be listened on; that nobody is there to begin with is no error. */
export async function createPeerNode(options: PeerNodeOptions): Promise<PeerNode> {
  const { identity, listen, bootstrap, isServer = false, isLocal = false, now = Date.now } = options;
  const libp2p = await createLibp2p<PeerServices>({
    privateKey: privateKeyOf(identity),
    addresses: { listen: [...listen] },
    transports: [tcp(), webSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [guardedYamux()],
    // Only who holds a private network's addresses announces them: a node on one machine or in one house is as good as any.
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: {
      maxConnections: LIMITS.peer_connections_max,
      inboundConnectionThreshold: LIMITS.peer_inbound_per_second_max,
      dialTimeout: LIMITS.peer_dial_ms_max,
    },
    peerDiscovery: isLocal ? [mdns({ serviceTag: "_infernet._udp.local" })] : [],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      autoNAT: autoNAT(),
      dcutr: dcutr(),
      dht: kadDHT({
        protocol: PROTOCOLS.kad,
        clientMode: listen.length === 0,
        peerInfoMapper: passthroughMapper,
        kBucketSize: LIMITS.dht_bucket_peers,
        alpha: LIMITS.dht_parallel,
        // Every question waits for the first look-up, and that for the first peer: nothing else is worth waiting for.
        initialQuerySelfInterval: LIMITS.dht_first_query_ms,
        // Peers provide their labels anew far sooner than the library would have them: what they no longer say goes as soon.
        reprovide: {
          validity: 2 * LIMITS.peer_label_nearest_ms,
          interval: LIMITS.peer_record_renew_ms,
          threshold: 0,
        },
        validators: { "infernet-peer": recordValidator(now) },
        selectors: { "infernet-peer": recordSelector },
      }),
      ...(isServer ? { relay: circuitRelayServer() } : {}),
    },
  }).catch((error: unknown) => {
    throw explainListen(error);
  });

  await answerPings(libp2p);
  const known = bootstrap.map((address) => multiaddr(address));
  await Promise.allSettled(known.map((address) => libp2p.dial(address)));

  async function serve(protocol: string, handler: PeerHandler): Promise<void> {
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

  async function open(
    peer: RunnerId,
    protocol: string,
    {
      addresses = [],
      signal = AbortSignal.timeout(LIMITS.peer_dial_ms_max),
    }: Parameters<PeerNode["open"]>[2] = {},
  ): Promise<Stream> {
    const target = peerIdOf(peer);
    try {
      const connected = libp2p.getConnections(target).some(({ status }) => status === "open");
      if (!connected && addresses.length > 0) {
        const whole = addresses.map((address) => multiaddr(withPeer(address, target.toString())));
        await libp2p.dial(whole, { signal });
      }
      return await libp2p.dialProtocol(target, protocol, { signal, runOnLimitedConnection: true });
    } catch (error) {
      throw PeerFault.from(error, signal.aborted);
    }
  }

  return {
    id: identity.id,
    libp2p,
    get addresses() {
      return libp2p.getMultiaddrs().map(String).slice(0, LIMITS.peer_addresses_max);
    },
    get reachability() {
      return listen.length === 0 ? ("outbound" as const) : ("unknown" as const);
    },
    connected: () => [...new Set(libp2p.getPeers().flatMap((peer) => runnerIdOf(peer) ?? []))],
    serve,
    open,
    joined: async (signal) => {
      while (!signal.aborted) {
        if (libp2p.getConnections().length > 0) return true;
        await new Promise((resolve) => {
          libp2p.addEventListener("peer:connect", resolve, { once: true });
          signal.addEventListener("abort", resolve, { once: true });
        });
      }
      return false;
    },
    stop: async () => {
      await libp2p.stop();
    },
  };
}

const withPeer = (address: PeerAddress, peer: string): string =>
  address.includes("/p2p/") ? address : `${address}/p2p/${peer}`;

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
