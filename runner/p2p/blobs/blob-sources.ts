import { setTimeout as sleep } from "node:timers/promises";
import type { FellowFetcher } from "@infernet/protocol/peers/edge-turn";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { chunkCount } from "@infernet/schemas/peer/chunk-list";
import type { WantedBlob } from "../../cache/peer-blobs.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import { BlobSource } from "./blob-source.ts";
import type { PeerHint } from "./peer-hint.ts";
import type { TransferDeps, TransferTimes } from "./transfer-deps.ts";

/** Between two questions of what a peer has: chunks that come meanwhile are told of together. */
const NEWS_PAUSE_MS = 50;
/** How long a search for peers is waited for before anything is decided. */
const SEARCH_MS = 1_000;

export interface BlobSourcesOptions {
  wanted: WantedBlob;
  deps: TransferDeps;
  times: TransferTimes;
  /** Ends all questions. */
  signal: AbortSignal;
  /** Told when somebody has more, or has gone. */
  onChange(): void;
}

/** Peers that have something of one blob or want it too, and what each of them has now. */
export class BlobSources {
  readonly #options: BlobSourcesOptions;
  readonly #sources = new Map<RunnerId, BlobSource>();
  /** Asked, and not worth asking again for this blob. */
  readonly #left = new Set<RunnerId>();
  readonly #asked = new Set<RunnerId>();
  /** They have said themselves that they want it. */
  readonly #fellows = new Set<RunnerId>();
  readonly #unanswered = new Set<Promise<void>>();

  constructor(options: BlobSourcesOptions) {
    this.#options = options;
  }

  all(): BlobSource[] {
    return [...this.#sources.values()];
  }

  /** Those that fetch it too. */
  fellows(): FellowFetcher[] {
    const told = [...this.#fellows]
      .filter((runner) => !this.#sources.has(runner))
      .map((runner) => ({ runner, draws: false, isSilent: false }));
    return [...told, ...this.all().filter(({ wants }) => wants)];
  }

  /** Its turn to draw has brought nothing. */
  silence(runner: RunnerId): void {
    const source = this.#sources.get(runner);
    if (source) source.isSilent = true;
    this.#fellows.delete(runner);
  }

  /** Asks those that were not asked yet, as they are found. */
  look(): void {
    const { deps, wanted, signal } = this.#options;
    const looking = (async () => {
      for await (const hint of deps.findPeers(wanted, signal)) this.#watch(hint);
    })().catch(() => undefined);
    const limit = sleep(SEARCH_MS, undefined, { signal }).catch(() => undefined);
    this.#await(Promise.race([looking, limit]));
  }

  noteFellow(runner: RunnerId): void {
    if (this.#left.has(runner) || this.#fellows.size >= LIMITS.blob_peers_asked_max) return;
    this.#fellows.add(runner);
    this.#watch({ runner });
  }

  /** Resolves when all that were asked have answered, or after that time. */
  async answered(ms_max: number): Promise<void> {
    const limit = sleep(Math.max(0, ms_max), true, { signal: this.#options.signal }).catch(() => true);
    while (this.#unanswered.size > 0)
      if ((await Promise.race([Promise.all(this.#unanswered), limit])) === true) return;
  }

  /** It is not asked again; when what it did was wrong and not only slow, by nobody here for a while. */
  leave(runner: RunnerId, error: unknown): void {
    const { signal, deps } = this.#options;
    if (signal.aborted || this.#left.has(runner)) return;
    const fault = error instanceof PeerFault ? error : new PeerFault("gone", String(error));
    this.#sources.get(runner)?.link.end(fault);
    this.#left.add(runner);
    this.#forget(runner);
    if (fault.kind !== "gone" && fault.kind !== "slow") deps.distrust(runner, fault);
  }

  /** Something that the first decisions wait for. */
  #await(one: Promise<void>): void {
    this.#unanswered.add(one);
    void one.finally(() => this.#unanswered.delete(one));
  }

  #watch(hint: PeerHint): void {
    const { deps } = this.#options;
    const { runner } = hint;
    const isKnown = this.#asked.has(runner) || this.#left.has(runner);
    const isFull = this.#asked.size >= LIMITS.blob_peers_asked_max;
    if (runner === deps.self || isKnown || isFull || deps.isDistrusted(runner)) return;
    this.#asked.add(runner);
    const first = Promise.withResolvers<void>();
    this.#await(first.promise);
    void this.#follow(hint, first.resolve)
      .catch((error: unknown) => this.leave(runner, error))
      .finally(first.resolve);
  }

  /** Asks what it has until it has all. */
  async #follow(hint: PeerHint, onFirst: () => void): Promise<void> {
    const { deps, wanted, times, signal, onChange } = this.#options;
    const { runner } = hint;
    const link = await deps.connect(hint, signal);
    for (let known = 0, wait = false; !signal.aborted; wait = true) {
      const asked_ms = performance.now();
      const { answer } = await link.ask(
        { ask: "have", sha256: wanted.sha256, wants: deps.isSharing, known, wait },
        times.answer_ms_max + (wait ? LIMITS.blob_news_ms_max : 0),
      );
      if (signal.aborted) return;
      if (answer.answer !== "have") throw new PeerFault("malformed", "the peer does not say what it has");
      for (const fellow of answer.fellows) this.#watch(fellow);
      if (answer.bytes === null) {
        this.#forget(runner);
        return onFirst();
      }
      if (answer.bytes !== wanted.bytes) throw new PeerFault("wrong", sizes(answer.bytes, wanted.bytes));
      const source =
        this.#sources.get(runner) ?? new BlobSource(runner, link, performance.now() - asked_ms, answer);
      source.tell(answer);
      this.#sources.set(runner, source);
      onFirst();
      onChange();
      known = source.count(chunkCount(wanted.bytes));
      if (known === chunkCount(wanted.bytes)) return;
      await sleep(NEWS_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** It has nothing of the blob, now; it may be asked again. */
  #forget(runner: RunnerId): void {
    this.#asked.delete(runner);
    this.#fellows.delete(runner);
    this.#sources.delete(runner);
    this.#options.onChange();
  }
}

const sizes = (said: number, right: number): string =>
  `the peer says that the blob has ${said} bytes; it has ${right}`;
