import type { RunnerId } from "@infernet/schemas/ids";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { PeerInfo } from "@libp2p/interface";
import type { QueryEvent } from "@libp2p/kad-dht";
import { runnerIdOf } from "../peer-id.ts";

/** A peer as the DHT tells of it: where it was, for whoever heard of it last. */
export interface NearPeer {
  runner: RunnerId;
  addresses: PeerAddress[];
}

/** The peers nearest to a key, of the events of a look-up that has come to its end. */
export async function* listNearest(events: AsyncIterable<QueryEvent>): AsyncGenerator<NearPeer> {
  for await (const event of events) if (event.name === "FINAL_PEER") yield* toNear(event.peer);
}

/** Those who announce themselves under a key, as they are told of. */
export async function* listProviders(events: AsyncIterable<QueryEvent>): AsyncGenerator<NearPeer> {
  for await (const event of events)
    if (event.name === "PROVIDER") for (const peer of event.providers) yield* toNear(peer);
}

/** None for a peer whose key no runner has. */
function toNear({ id, multiaddrs }: PeerInfo): NearPeer[] {
  const runner = runnerIdOf(id);
  return runner === null ? [] : [{ runner, addresses: multiaddrs.map(String) }];
}
