import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type DiscoveryLabel, labelsOf } from "@infernet/schemas/peer/discovery-label";
import type { SignedPeerRecord } from "@infernet/schemas/peer/peer-record";
import { Semaphore } from "../../semaphore.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { openRecords } from "./ask-records.ts";
import { labelCid } from "./label-cid.ts";
import { listNearest, type NearPeer } from "./near-peers.ts";

interface Nearest {
  peers: NearPeer[];
  at_ms: number;
  /** How many peers this node was connected with by then. */
  connected: number;
}

/** A network that has grown so much has other peers near to a label: by half, and some. */
const GROWTH = { factor: 1.5, peers: 4 };

/**
 * The peers that keep this node's record: those nearest to each of its labels. They are looked up, and told by the DHT that this node
 * provides the label, every `peer_label_nearest_ms`, and sooner where one of them has gone or the network has grown; the record
 * is handed to them as often as it is made anew.
 */
export class LabelHolders {
  readonly #node: PeerNode;
  readonly #now: () => number;
  readonly #nearest = new Map<DiscoveryLabel, Nearest>();
  /** Everybody who has a record of this node that may still hold, in the order in which they were handed one. */
  readonly #handed = new Map<RunnerId, { peer: NearPeer; until_ms: number }>();
  readonly #permits = new Semaphore(LIMITS.dht_parallel);
  readonly #talks = new Semaphore(LIMITS.peer_find_parallel);

  constructor(node: PeerNode, now: () => number) {
    this.#node = node;
    this.#now = now;
  }

  /** Whether the network has grown since a label's nearest peers were looked up, so that others should keep the record. */
  get isOutgrown(): boolean {
    return [...this.#nearest.values()].some((nearest) => this.#hasGrown(nearest));
  }

  /** Whether a label's record has fewer keepers than it should: in a network that is small, or young. */
  get isShort(): boolean {
    return [...this.#nearest.values()].some(({ peers }) => peers.length < LIMITS.dht_bucket_peers);
  }

  #hasGrown({ connected }: Nearest): boolean {
    return this.#node.connected().length > connected * GROWTH.factor + GROWTH.peers;
  }

  /** Hands the record to everybody who is to keep it. Resolves to how many do; nobody's failure is this node's. */
  async hand(signed: SignedPeerRecord, signal: AbortSignal): Promise<number> {
    const labels = labelsOf(signed.record);
    for (const known of this.#nearest.keys()) if (!labels.includes(known)) await this.#withdraw(known);
    const found = await Promise.all(labels.map((label) => this.#find(label, signal)));
    return this.#handTo(found.flat(), signed, signal);
  }

  /** Hands a last record to all who may have one, and provides nothing any more. */
  async handLast(signed: SignedPeerRecord, signal: AbortSignal): Promise<void> {
    const holders = [...this.#handed.values()].map(({ peer }) => peer);
    await this.#handTo(holders, signed, signal);
    for (const label of [...this.#nearest.keys()]) await this.#withdraw(label);
  }

  async #handTo(peers: readonly NearPeer[], signed: SignedPeerRecord, signal: AbortSignal): Promise<number> {
    const holders = new Map(peers.map((peer) => [peer.runner, peer]));
    const handed = await Promise.all(
      [...holders.values()].map((peer) => this.#handOne(peer, signed, signal)),
    );
    for (const [runner, { until_ms }] of this.#handed) {
      if (until_ms > this.#now()) break;
      this.#handed.delete(runner);
    }
    return handed.filter(Boolean).length;
  }

  async #handOne(peer: NearPeer, { bytes, record }: SignedPeerRecord, signal: AbortSignal): Promise<boolean> {
    try {
      const release = await this.#talks.acquire(signal);
      try {
        const talk = await openRecords(this.#node, peer, signal);
        // Whoever is broken off here may have it all the same.
        this.#handed.delete(peer.runner);
        this.#handed.set(peer.runner, { peer, until_ms: record.expires_ms });
        const refused = await talk.keep(bytes);
        await talk.close();
        return refused === null;
      } finally {
        release();
      }
    } catch {
      this.#forget(peer.runner);
      return false;
    }
  }

  /** The peers nearest to a label, which the DHT tells besides that this node provides it. */
  async #find(label: DiscoveryLabel, signal: AbortSignal): Promise<NearPeer[]> {
    const known = this.#nearest.get(label);
    if (known !== undefined && this.#isFresh(known)) return known.peers;
    const peers: NearPeer[] = [];
    const connected = this.#node.connected().length;
    try {
      const release = await this.#permits.acquire(signal);
      try {
        const events = this.#node.libp2p.services.dht.provide(await labelCid(label), { signal });
        for await (const near of listNearest(events)) peers.push(near);
      } finally {
        release();
      }
    } catch {
      // A look-up that was cut short: those of before are as good a guess as any.
      return [...peers, ...(known?.peers ?? [])];
    }
    if (peers.length > 0) this.#nearest.set(label, { peers, at_ms: this.#now(), connected });
    return peers;
  }

  #isFresh(known: Nearest): boolean {
    const isEnough = known.peers.length >= LIMITS.dht_bucket_peers && !this.#hasGrown(known);
    return isEnough && this.#now() - known.at_ms < LIMITS.peer_label_nearest_ms;
  }

  /** Labels whose nearest one has gone are looked up anew next time; those who are left keep the record meanwhile. */
  #forget(runner: RunnerId): void {
    for (const [label, { peers, connected }] of this.#nearest) {
      const left = peers.filter((peer) => peer.runner !== runner);
      if (left.length < peers.length) this.#nearest.set(label, { peers: left, at_ms: 0, connected });
    }
  }

  /** The DHT has no message for "no longer": its own entry goes, and those of others when they are over. */
  async #withdraw(label: DiscoveryLabel): Promise<void> {
    this.#nearest.delete(label);
    await this.#node.libp2p.services.dht.cancelReprovide(await labelCid(label)).catch(() => undefined);
  }
}
