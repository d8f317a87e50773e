import type { RunnerId } from "@infernet/schemas/ids";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { readPeerRef } from "../../p2p/read-peer-ref.ts";

/** The runners that an operator names, and where they are as far as the names say. */
export function readNamed(refs: readonly string[]): Map<RunnerId, PeerAddress[]> {
  const named = new Map<RunnerId, PeerAddress[]>();
  for (const { peer, addresses } of refs.flatMap((ref) => readPeerRef(ref) ?? []))
    named.set(peer, [...(named.get(peer) ?? []), ...addresses]);
  return named;
}
