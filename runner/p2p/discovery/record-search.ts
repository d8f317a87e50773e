import type { RecordShelf } from "@infernet/protocol/peers/record-shelf";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { DiscoveryLabel } from "@infernet/schemas/peer/discovery-label";
import { PeerRecord, readPeerRecord, type SignedPeerRecord } from "@infernet/schemas/peer/peer-record";
import { openPayload } from "@infernet/schemas/peer/signed-payload";
import { Semaphore } from "../../semaphore.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { openRecords } from "./ask-records.ts";
import { fetchRecord } from "./fetch-record.ts";
import { labelCid } from "./label-cid.ts";
import { listNearest, listProviders, type NearPeer } from "./near-peers.ts";

export interface RecordSearchOptions {
  node: PeerNode;
  shelf: RecordShelf;
  now(): number;
  labels: readonly DiscoveryLabel[];
  signal: AbortSignal;
  onAsked?: ((progress: { asked: number; records: number }) => void) | undefined;
}

/** Answers to one question that one peer may fill, so that nobody keeps a search busy for good. */
const ROUNDS_MAX = 32;

/** One search for the records under some labels. */
export class RecordSearch {
  readonly #options: RecordSearchOptions;
  /** Sequence numbers of the newest records seen. */
  readonly #seen = new Map<RunnerId, number>();
  readonly #asked = new Set<RunnerId>();
  readonly #permits = new Semaphore(LIMITS.peer_find_parallel);
  #hand: (signed: SignedPeerRecord) => void = () => undefined;

  constructor(options: RecordSearchOptions) {
    this.#options = options;
  }

  /** Each other peer's record as it is first found, checked; ends when everybody was asked, or with the signal. */
  records(): ReadableStream<SignedPeerRecord> {
    const { signal } = this.#options;
    let isOpen = true;
    return new ReadableStream<SignedPeerRecord>({
      start: (controller) => {
        const end = (): void => {
          if (isOpen) controller.close();
          isOpen = false;
        };
        this.#hand = (signed) => {
          if (isOpen) controller.enqueue(signed);
        };
        signal.addEventListener("abort", end, { once: true });
        void this.#search().finally(end);
      },
      cancel: () => {
        isOpen = false;
      },
    });
  }

  async #search(): Promise<void> {
    const { node, shelf, labels, now } = this.#options;
    for (const signed of shelf.find(labels, now())) this.#note(signed);
    const connected = node.connected().slice(0, LIMITS.peer_find_parallel);
    await Promise.allSettled([
      ...connected.map((runner) => this.#ask({ runner, addresses: [] })),
      ...labels.map((label) => this.#lookUp(label)),
    ]);
    await Promise.allSettled(labels.map((label) => this.#askProviders(label)));
  }

  /** Asks the peers nearest to a label, who keep the records under it. */
  async #lookUp(label: DiscoveryLabel): Promise<void> {
    const { node, signal } = this.#options;
    const { multihash } = await labelCid(label);
    const asks: Promise<void>[] = [];
    const release = await this.#permits.acquire(signal);
    try {
      const events = node.libp2p.services.dht.getClosestPeers(multihash.bytes, { signal });
      for await (const near of listNearest(events)) asks.push(this.#ask(near));
    } finally {
      release();
    }
    await Promise.allSettled(asks);
  }

  /** Asks one peer for all that it has under the labels, in as many answers as that takes. */
  async #ask(peer: NearPeer): Promise<void> {
    const { node, labels, signal, onAsked } = this.#options;
    if (peer.runner === node.id || this.#asked.has(peer.runner)) return;
    this.#asked.add(peer.runner);
    const release = await this.#permits.acquire(signal);
    try {
      const talk = await openRecords(node, peer, signal);
      for (let round = 0; round < ROUNDS_MAX; round++) {
        const { records, more } = await talk.find({ labels: [...labels], known: this.#known() });
        const news = await Promise.all(records.map((bytes) => this.#take(bytes)));
        if (!more || !news.includes(true)) break;
      }
      await talk.close();
    } finally {
      release();
      onAsked?.({ asked: this.#asked.size, records: this.#seen.size });
    }
  }

  /** Those who announce themselves under a label and whose record nobody had are asked themselves, and the DHT for it. */
  async #askProviders(label: DiscoveryLabel): Promise<void> {
    const { node, signal, now } = this.#options;
    const fetches: Promise<void>[] = [];
    const events = node.libp2p.services.dht.findProviders(await labelCid(label), { signal });
    for await (const peer of listProviders(events)) {
      if (peer.runner === node.id || this.#seen.has(peer.runner)) continue;
      this.#seen.set(peer.runner, 0);
      const fetch = async (): Promise<void> => {
        const release = await this.#permits.acquire(signal);
        try {
          const signed = await fetchRecord(node, peer, now, signal);
          if (signed !== null) this.#note(signed);
        } finally {
          release();
        }
      };
      fetches.push(fetch());
    }
    await Promise.allSettled(fetches);
  }

  /** The records seen last, as many as a question may name. */
  #known(): { runner: RunnerId; sequence: number }[] {
    const known = [...this.#seen].slice(-LIMITS.records_known_max);
    return known.map(([runner, sequence]) => ({ runner, sequence }));
  }

  /** Whether the bytes are a record that is news. The signature is looked at last, as it costs most. */
  async #take(bytes: Uint8Array): Promise<boolean> {
    const claimed = openPayload(bytes, PeerRecord)?.statement;
    if (claimed === undefined || claimed.sequence <= (this.#seen.get(claimed.runner) ?? 0)) return false;
    const read = await readPeerRecord(bytes, this.#options.now());
    return read.ok && this.#note(read.value);
  }

  #note(signed: SignedPeerRecord): boolean {
    const { node, shelf, now } = this.#options;
    const { runner, sequence } = signed.record;
    if (runner === node.id) return false;
    const before = this.#seen.get(runner) ?? 0;
    const verdict = shelf.note(signed, now());
    if (sequence <= before || verdict === "stale" || verdict === "expired") return false;
    this.#seen.set(runner, sequence);
    if (before === 0) this.#hand(signed);
    return true;
  }
}
