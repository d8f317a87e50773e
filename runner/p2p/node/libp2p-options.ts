import { LIMITS } from "@infernet/schemas/limits";
import { circuitRelayServer, circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { dcutr } from "@libp2p/dcutr";
import { identify, identifyPush } from "@libp2p/identify";
import type { ConnectionGater } from "@libp2p/interface";
import { kadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { mdns } from "@libp2p/mdns";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import type { Libp2pOptions } from "libp2p";
import { recordSelector, recordValidator } from "../discovery/record-rules.ts";
import { privateKeyOf } from "../peer-id.ts";
import { PROTOCOLS } from "../protocols.ts";
import { BoundedDatastore } from "./bounded-datastore.ts";
import type { PeerNodeOptions } from "./create-peer-node.ts";
import { DialBack } from "./dial-back.ts";
import { guardedWebSockets } from "./guarded-web-sockets.ts";
import { guardedYamux } from "./guarded-yamux.ts";
import type { PeerServices } from "./peer-node.ts";
import { openPorts } from "./ports.ts";
import { RelayKeeper } from "./relay-keeper.ts";

/** The library with all its bounds set: each of `LIMITS`. */
export function libp2pOptions(
  options: PeerNodeOptions,
  connectionGater: ConnectionGater,
): Libp2pOptions<PeerServices> {
  const { identity, listen, announce = [], isServer = false, isLocal = false, now = Date.now } = options;
  const { connections_max = LIMITS.peer_connections_max } = options;
  const { inbound_per_second_max = LIMITS.peer_inbound_per_second_max } = options;
  return {
    privateKey: privateKeyOf(identity),
    addresses: { listen: [...listen], appendAnnounce: [...announce] },
    transports: [tcp(), guardedWebSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [guardedYamux()],
    datastore: new BoundedDatastore(),
    connectionGater,
    connectionManager: {
      maxConnections: connections_max,
      inboundConnectionThreshold: inbound_per_second_max,
      maxIncomingPendingConnections: LIMITS.peer_handshakes_max,
      inboundUpgradeTimeout: LIMITS.peer_handshake_ms_max,
      dialTimeout: LIMITS.peer_dial_ms_max,
      maxParallelDials: LIMITS.peer_dials_max,
    },
    connectionMonitor: {
      pingInterval: LIMITS.peer_ping_ms,
      // An answer waits behind what else is on its way, and for a machine that is computing.
      pingTimeout: { minTimeout: LIMITS.peer_ping_answer_ms_max },
    },
    peerDiscovery: isLocal ? [mdns({ serviceTag: "_infernet._udp.local" })] : [],
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      dialBack: (components) => new DialBack(components),
      dcutr: dcutr(),
      ports: openPorts,
      relays: (components) => new RelayKeeper(components),
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
      ...(isServer ? { relay: relayServer() } : {}),
    },
  };
}

const relayServer = (): ReturnType<typeof circuitRelayServer> =>
  circuitRelayServer({
    reservations: {
      maxReservations: LIMITS.relay_reservations_max,
      defaultDurationLimit: LIMITS.relay_connection_ms_max,
      defaultDataLimit: BigInt(LIMITS.relay_connection_bytes_max),
    },
  });
