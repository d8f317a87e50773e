import type { RunnerId } from "@infernet/schemas/ids";
import { recordKey } from "@infernet/schemas/peer/discovery-label";
import { readPeerRecord, type SignedPeerRecord } from "@infernet/schemas/peer/peer-record";
import type { PeerNode } from "../node/peer-node.ts";
import { openRecords } from "./ask-records.ts";
import type { NearPeer } from "./near-peers.ts";

/** One peer's record, from itself or from the DHT, whichever answers first; null when neither has one that holds. */
export async function fetchRecord(
  node: PeerNode,
  peer: NearPeer,
  now: () => number,
  signal: AbortSignal,
): Promise<SignedPeerRecord | null> {
  const found = new AbortController();
  const either = AbortSignal.any([signal, found.signal]);
  const checked = async (bytes: Uint8Array): Promise<SignedPeerRecord> => {
    const read = await readPeerRecord(bytes, now());
    if (!read.ok) throw new Error(`the record is ${read.fault}`);
    if (read.value.record.runner !== peer.runner) throw new Error("the record is another peer's");
    return read.value;
  };
  try {
    const itself = askItself(node, peer, either).then(checked);
    const others = askDht(node, peer.runner, either).then(checked);
    return await Promise.any([itself, others]);
  } catch {
    return null;
  } finally {
    found.abort(new Error("the record was found, or is not to be had"));
  }
}

async function askItself(node: PeerNode, peer: NearPeer, signal: AbortSignal): Promise<Uint8Array> {
  const talk = await openRecords(node, peer, signal);
  const { records } = await talk.get({ runners: [peer.runner] });
  await talk.close();
  const [own] = records;
  if (own === undefined) throw new Error("it has no record of itself");
  return own;
}

async function askDht(node: PeerNode, runner: RunnerId, signal: AbortSignal): Promise<Uint8Array> {
  for await (const event of node.libp2p.services.dht.get(recordKey(runner), { signal }))
    if (event.name === "VALUE") return event.value;
  throw new Error("the DHT has no record of it");
}
