import { RecordShelf } from "@infernet/protocol/peers/record-shelf";
import type { RunnerId } from "@infernet/schemas/ids";
import type { PeerQuery } from "@infernet/schemas/peer/peer-query";
import type { SignedPeerRecord } from "@infernet/schemas/peer/peer-record";
import type { PeerNode } from "../node/peer-node.ts";
import { fetchRecord } from "./fetch-record.ts";
import { type FindOptions, type FoundPeer, findPeers } from "./find-peers.ts";
import { serveRecords } from "./serve-records.ts";

/** What a node knows of others, and how it finds them. */
export interface Discovery {
  readonly shelf: RecordShelf;
  /** See `findPeers`. */
  find(query: PeerQuery, options?: FindOptions): AsyncIterable<FoundPeer>;
  /** One peer's record, which holds now; null where it is not to be had. */
  lookUp(runner: RunnerId, signal: AbortSignal): Promise<SignedPeerRecord | null>;
}

/** Finds peers for a node, and has it hand on the records that it comes to know. */
export async function openDiscovery(node: PeerNode, now: () => number = Date.now): Promise<Discovery> {
  const shelf = new RecordShelf();
  await serveRecords(node, shelf, now);
  return {
    shelf,
    find: (query, options) => findPeers(node, shelf, now, query, options),
    lookUp: async (runner, signal) => {
      const known = shelf.get(runner, now());
      const signed = known ?? (await fetchRecord(node, { runner, addresses: [] }, now, signal));
      if (signed === null) return null;
      const verdict = shelf.note(signed, now());
      const isOver = verdict === "stale" || verdict === "expired" || signed.record.availability === "gone";
      return isOver ? null : signed;
    },
  };
}
