import type { Sha256 } from "@infernet/schemas/digest";

/** What a peer says the list of a blob's chunks is. */
export interface ListClaim<Peer> {
  peer: Peer;
  list: Sha256;
  latency_ms: number;
}

/**
 * The list that chunks are checked against where the manifest names none: the one that most peers name, and among equals the
 * nearest peer's. Only peers that name it are then asked for chunks, so that whoever sends another one contradicts itself.
 */
export function chooseChunkList<Peer>(claims: readonly ListClaim<Peer>[]): Sha256 | null {
  const lists = [...new Set(claims.map(({ list }) => list))].map((list) => {
    const of = claims.filter((claim) => claim.list === list);
    return { list, peers: of.length, latency_ms: Math.min(...of.map(({ latency_ms }) => latency_ms)) };
  });
  lists.sort((a, b) => b.peers - a.peers || a.latency_ms - b.latency_ms);
  return lists[0]?.list ?? null;
}
