import { createHash } from "node:crypto";
import type { RecordShelf } from "@infernet/protocol/peers/record-shelf";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type DiscoveryLabel, labelsOf } from "@infernet/schemas/peer/discovery-label";
import { PeerRecord, readPeerRecord, type SignedPeerRecord } from "@infernet/schemas/peer/peer-record";
import { openPayload } from "@infernet/schemas/peer/signed-payload";
import { Semaphore } from "../../semaphore.ts";
import type { PeerNode } from "../node/peer-node.ts";
import { openRecords } from "./ask-records.ts";
import { fetchRecord } from "./fetch-record.ts";
import { labelCid } from "./label-cid.ts";
import { listNearest, listProviders, type NearPeer } from "./near-peers.ts";
import { nearestOf } from "./nearest-of.ts";

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
/** How long one peer may take for all of it: others wait behind it. */
const PEER_MS_MAX = 2 * LIMITS.records_ask_ms_max;
/** Connected peers that are asked for the sake of one label. */
const LIKELY_EACH = 2;

/** One search for the records under some labels. */
export class RecordSearch {
  readonly #options: RecordSearchOptions;
  /** Sequence numbers of the newest records seen. */
  readonly #seen = new Map<RunnerId, number>();
  /** Each peer is asked once, whoever comes upon it: resolves to whether it answered. */
  readonly #asked = new Map<RunnerId, Promise<boolean>>();
  /** sha256 of what was looked at: most peers answer with what others have answered with. */
  readonly #looked = new Set<string>();
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
    const { shelf, labels, now } = this.#options;
    for (const signed of shelf.find(labels, now())) this.#note(signed);
    const likely = await this.#listLikely();
    await Promise.all([...likely].map((runner) => this.#ask({ runner, addresses: [] })));
    await Promise.allSettled(
      labels.map(async (label) => {
        const isAnswered = await this.#lookUp(label).catch(() => false);
        if (!isAnswered) await this.#askProviders(label);
      }),
    );
  }

  /**
   * Of the peers that this node is connected with those nearest to the labels, first the nearest to each: in a network that is not large, or
   * well known, they have most of what there is, and are asked at the cost of a message.
   */
  async #listLikely(): Promise<Set<RunnerId>> {
    const { node, labels } = this.#options;
    const connected = node.connected();
    const byLabel = await Promise.all(
      labels.map(async (label) => nearestOf((await labelCid(label)).multihash.bytes, connected, LIKELY_EACH)),
    );
    const ranks = Array.from({ length: LIKELY_EACH }, (_, rank) =>
      byLabel.flatMap((near) => near[rank] ?? []),
    );
    return new Set(ranks.flat());
  }

  /** Asks the peers nearest to a label, who keep the records under it. Resolves to whether any of them answers such questions. */
  async #lookUp(label: DiscoveryLabel): Promise<boolean> {
    const { node, signal } = this.#options;
    const { multihash } = await labelCid(label);
    const nearest: NearPeer[] = [];
    const release = await this.#permits.acquire(signal);
    try {
      const events = node.libp2p.services.dht.getClosestPeers(multihash.bytes, { signal });
      for await (const near of listNearest(events)) nearest.push(near);
    } finally {
      release();
    }
    const answered = await Promise.all(nearest.map((near) => this.#ask(near)));
    return answered.includes(true);
  }

  #ask(peer: NearPeer): Promise<boolean> {
    const known = this.#asked.get(peer.runner);
    if (known !== undefined) return known;
    const asking = this.#askOne(peer).then(
      () => true,
      () => false,
    );
    this.#asked.set(peer.runner, asking);
    return asking;
  }

  /** Asks one peer for all that it has under the labels, in as many answers as that takes. */
  async #askOne(peer: NearPeer): Promise<void> {
    const { node, labels, signal, onAsked } = this.#options;
    if (peer.runner === node.id) return;
    const release = await this.#permits.acquire(signal);
    try {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(PEER_MS_MAX)]);
      const talk = await openRecords(node, peer, patience);
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

  /**
   * Where nobody near to a label keeps records: those who announce themselves under it in the DHT are asked themselves, and the DHT for
   * their records.
   */
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
    const digest = createHash("sha256").update(bytes).digest("base64");
    if (this.#looked.has(digest)) return false;
    this.#looked.add(digest);
    const claimed = openPayload(bytes, PeerRecord)?.statement;
    if (claimed === undefined || claimed.sequence <= (this.#seen.get(claimed.runner) ?? 0)) return false;
    // What nobody asked for is no news, and keeps nobody busy.
    const { labels, now } = this.#options;
    if (!labelsOf(claimed).some((label) => labels.includes(label))) return false;
    const read = await readPeerRecord(bytes, now());
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
