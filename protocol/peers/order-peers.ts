import { vramOf } from "@infernet/schemas/peer/discovery-label";
import type { PeerQuery } from "@infernet/schemas/peer/peer-query";
import { Availability } from "@infernet/schemas/peer/peer-record";
import { type PeerSeen, priceOf } from "./match-peer.ts";

/**
 * Peers in the order in which they are to be tried: who takes work now, then the better score by trusted networks (one that none of them
 * knows comes after the known), then the lower price, then more GPU memory, then more cores; the id decides what is left,
 * so that the same records always come in the same order.
 */
export function orderPeers<T extends PeerSeen>(peers: readonly T[], query: PeerQuery): T[] {
  const rank = ({ record, score }: PeerSeen): number[] => [
    Availability.options.indexOf(record.availability),
    -(score ?? -1),
    Number(priceOf(record, query)),
    -vramOf(record.capability),
    -record.capability.cpu_cores,
  ];
  const ranked = peers.map((peer) => ({ peer, rank: rank(peer) }));
  ranked.sort((a, b) => {
    const difference = a.rank.map((value, i) => value - (b.rank[i] ?? 0)).find((step) => step !== 0);
    return difference ?? (a.peer.record.runner < b.peer.record.runner ? -1 : 1);
  });
  return ranked.map(({ peer }) => peer);
}
