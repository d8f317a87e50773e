import type { RunnerId } from "@infernet/schemas/ids";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import type { KadDHT } from "@libp2p/kad-dht";
import type { Ping } from "@libp2p/ping";
import type { DialBack } from "./dial-back.ts";
import type { Ports } from "./ports.ts";
import type { Reachability } from "./reachability.ts";
import type { RelayKeeper } from "./relay-keeper.ts";
import type { Traffic } from "./traffic.ts";

export type PeerServices = {
  dht: KadDHT;
  ping: Ping;
  relays: RelayKeeper;
  ports: Ports;
  dialBack: DialBack;
  [service: string]: unknown;
};

/** `hole_punched`: first by a relay, now by itself. */
export type PeerWay = "direct" | "hole_punched" | "relayed";

/** A stream that another peer has opened, whose key is its runner id. */
export type PeerHandler = (stream: Stream, from: RunnerId) => Promise<void>;

/** This machine in the network of peers. */
export interface PeerNode {
  readonly id: RunnerId;
  readonly libp2p: Libp2p<PeerServices>;
  /** Where others reach it, itself or by way of a relay. */
  readonly addresses: PeerAddress[];
  readonly reachability: Reachability;
  /** What it listens on and what its owner announces, whether or not others come by that. */
  readonly listening: PeerAddress[];
  /** Bytes since it was opened. */
  readonly traffic: Traffic;
  /** How a connection came to be. */
  wayOf(connection: Connection): PeerWay;
  /** The runner ids of those that it has a connection with. */
  connected(): RunnerId[];
  /**
   * Serves a protocol. A handler that rejects has its stream reset, and nothing else: an error of one peer's making never reaches the
   * process. Each peer has `peer_protocol_streams_max` streams of a protocol at most.
   */
  serve(protocol: string, handler: PeerHandler): Promise<void>;
  /**
   * A new stream to a peer: on the connection that there is, or a new one to addresses that are known or named here.
   * Rejects with `PeerFault`.
   */
  open(
    peer: RunnerId,
    protocol: string,
    options?: { addresses?: readonly PeerAddress[]; signal?: AbortSignal },
  ): Promise<Stream>;
  /** Resolves once the first look-ups have been made and the DHT can be asked; false when nobody was there by then. */
  joined(signal: AbortSignal): Promise<boolean>;
  stop(): Promise<void>;
}
