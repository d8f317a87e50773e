import { RunnerId } from "@infernet/schemas/ids";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { z } from "zod";

/**
 * Where a runner stands with peers. `off`: its owner does not want any. `waiting`: nobody names one to begin with. `opening`: soon.
 * `alone`: of those to begin with nobody answers, or nobody has come. `among_peers`: it has at least one connection. `failed`: it could not
 * be opened.
 */
export const PeersState = z.enum(["off", "waiting", "opening", "alone", "among_peers", "failed"]);
export type PeersState = z.infer<typeof PeersState>;

export const ConnectedPeer = z.strictObject({
  id: RunnerId,
  address: z.string(),
  way: z.enum(["direct", "hole_punched", "relayed"]),
  direction: z.enum(["inbound", "outbound"]),
  since: z.iso.datetime(),
  /** There and back; null before it was measured. */
  rtt_ms: z.number().nullable(),
  streams: z.int(),
});
export type ConnectedPeer = z.infer<typeof ConnectedPeer>;

/** What a running runner says of its peers. */
export const PeersReport = z.strictObject({
  state: PeersState,
  /** Why it failed; null where it has not. */
  failure: z.string().nullable(),
  /** How others come here; null while there is no node. */
  reachability: z.enum(["direct", "hole_punched", "relayed", "outbound", "unknown"]).nullable(),
  /** Where peers reach it. */
  addresses: z.array(PeerAddress),
  /** Of those to begin with, who did not answer when nobody did. */
  tried: z.array(z.strictObject({ address: PeerAddress, reason: z.string() })),
  received_bytes: z.int(),
  sent_bytes: z.int(),
  peers: z.array(ConnectedPeer),
});
export type PeersReport = z.infer<typeof PeersReport>;

/** Of a runner that has no node. */
export const noPeers = (state: PeersState, failure: string | null = null): PeersReport => ({
  ...{ state, failure, reachability: null, addresses: [], tried: [] },
  ...{ received_bytes: 0, sent_bytes: 0, peers: [] },
});
