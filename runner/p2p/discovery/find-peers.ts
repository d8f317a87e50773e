import { labelsToAsk } from "@infernet/protocol/peers/labels-to-ask";
import { isWanted, type PeerSeen } from "@infernet/protocol/peers/match-peer";
import type { RecordShelf } from "@infernet/protocol/peers/record-shelf";
import { trustedScore } from "@infernet/protocol/peers/trusted-score";
import { LIMITS } from "@infernet/schemas/limits";
import type { Attestation } from "@infernet/schemas/peer/attestation";
import type { PeerQuery } from "@infernet/schemas/peer/peer-query";
import type { SignedPeerRecord } from "@infernet/schemas/peer/peer-record";
import type { PeerNode } from "../node/peer-node.ts";
import { readAttestations } from "./read-attestations.ts";
import { RecordSearch } from "./record-search.ts";

export interface FindOptions {
  /** Ends the search; what was found until then is there. Without one it goes on for `peer_find_ms_default`. */
  signal?: AbortSignal;
  /** How many peers are wanted, at most `peer_find_max`. */
  limit?: number;
  /** Told after each peer that was asked, how many that are by then and how many records they had. */
  onProgress?(progress: { asked: number; records: number }): void;
}

/** A peer that the query wants, with what networks say of it. */
export interface FoundPeer extends PeerSeen {
  signed: SignedPeerRecord;
  /** Those that hold now, of whatever network. */
  attestations: Attestation[];
}

/**
 * Peers that a query wants, each once, as they are found: every record is checked, and holds now. Of the peers that this node is
 * connected with those nearest to the labels are asked first, then the nearest of all as the DHT finds them; where none of those keeps
 * records, whoever has announced itself there. A peer that answers wrongly or not at all is passed over.
 */
export async function* findPeers(
  node: PeerNode,
  shelf: RecordShelf,
  now: () => number,
  query: PeerQuery,
  options: FindOptions = {},
): AsyncGenerator<FoundPeer> {
  const { limit = LIMITS.peer_find_max, onProgress } = options;
  const ended = new AbortController();
  const given = options.signal ?? AbortSignal.timeout(LIMITS.peer_find_ms_default);
  const search = new RecordSearch({
    ...{ node, shelf, now, labels: labelsToAsk(query) },
    signal: AbortSignal.any([given, ended.signal]),
    onAsked: onProgress,
  });
  let left = Math.min(limit, LIMITS.peer_find_max);
  try {
    for await (const signed of search.records()) {
      const { record } = signed;
      const attestations = await readAttestations(record, now());
      const score = trustedScore(attestations, query.trusted?.networks ?? []);
      if (!isWanted({ record, score }, query)) continue;
      yield { signed, record, score, attestations };
      left -= 1;
      if (left === 0) return;
    }
  } finally {
    ended.abort(new Error("nobody looks any more"));
  }
}
