import { RunnerId } from "@infernet/schemas/ids";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { peerIdFromString } from "@libp2p/peer-id";
import { runnerIdOf } from "./peer-id.ts";

/** A peer, and where it is as far as that was said. */
export interface PeerRef {
  peer: RunnerId;
  addresses: PeerAddress[];
}

/** A peer as people name it: `run_...`, `12D3KooW...`, or an address that ends in one. Null for anything else. */
export function readPeerRef(text: string): PeerRef | null {
  const runner = RunnerId.safeParse(text);
  if (runner.success) return { peer: runner.data, addresses: [] };
  const [id] = /12D3KooW\w{44}$/.exec(text) ?? [];
  const peer = id === undefined ? null : runnerIdOf(peerIdFromString(id));
  return peer === null ? null : { peer, addresses: text.startsWith("/") ? [text] : [] };
}
