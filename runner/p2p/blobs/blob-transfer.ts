import { setTimeout as sleep } from "node:timers/promises";
import { chooseChunkList } from "@infernet/protocol/peers/choose-chunk-list";
import { decideChunkQuestions } from "@infernet/protocol/peers/chunk-schedule";
import { decideEdgeTurn, yieldsEdgeTurn } from "@infernet/protocol/peers/edge-turn";
import { type Bytes, type Sha256, sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type ChunkList, chunkDigest, chunkSpan, decodeChunkList } from "@infernet/schemas/peer/chunk-list";
import { BlobUnusable, type Download } from "../../cache/blob-cache.ts";
import type { FetchedBlob, WantedBlob } from "../../cache/peer-blobs.ts";
import { hashNative } from "../../work/native-hash.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import type { BlobLink } from "./blob-link.ts";
import { BlobSource } from "./blob-source.ts";
import { edgeChunks } from "./edge-chunks.ts";
import type { HeldBlob } from "./held-blob.ts";
import type { PartFile } from "./part-file.ts";
import type { PeerHint } from "./peer-hint.ts";

export interface TransferDeps {
  self: RunnerId;
  /** Whether others may have it from here while it comes: else nobody need know that it is wanted. */
  isSharing: boolean;
  connect(peer: PeerHint, signal: AbortSignal): Promise<BlobLink>;
  /** Peers that may have the blob, or want it too. */
  findPeers(wanted: WantedBlob, signal: AbortSignal): AsyncIterable<PeerHint>;
  /** The edge, or whoever else stands for it. */
  drawEdge: Download;
  /** Whether a draw that failed this way is worth another attempt. */
  isPassing(error: unknown): boolean;
  isDistrusted(peer: RunnerId): boolean;
  /** The peer has sent something wrong. */
  distrust(peer: RunnerId, fault: PeerFault): void;
  random?(): number;
  times?: Partial<TransferTimes>;
}

/** Shorter in tests. */
export interface TransferTimes {
  chunk_ms_max: number;
  answer_ms_max: number;
  turn_ms_max: number;
  wait_ms_max: number;
  look_ms: number;
}

const TICK_MS = 100;
/** Between two questions of what a peer has: chunks that come meanwhile are told of together. */
const NEWS_PAUSE_MS = 50;
/** How long the first answers are waited for, before chunks are asked for and the edge is. */
const FIRST_ROUND_MS = 1_000;
const LIST_BYTES_MAX = 8 + 32 * Math.ceil(LIMITS.blob_bytes_max / LIMITS.blob_chunk_bytes);
const EDGE = "edge";

/**
 * One blob on its way here: from peers, chunk by chunk, and from the edge where they do not have it or it is this machine's turn to draw it.
 * While it comes, others can have what is here. Every chunk is held against the list that the manifest names, else against
 * the one that the peers who are asked name themselves; the whole against its sha256. When that fails all that peers have sent
 * is thrown away and taken from the edge, and whoever sent what was wrong is known then.
 */
export class BlobTransfer implements HeldBlob {
  readonly #wanted: WantedBlob;
  readonly #part: PartFile;
  readonly #deps: TransferDeps;
  readonly #times: TransferTimes;
  readonly #sources = new Map<RunnerId, BlobSource>();
  /** Asked, and not worth asking again in this transfer. */
  readonly #left = new Set<RunnerId>();
  readonly #watched = new Set<RunnerId>();
  readonly #fellows = new Set<RunnerId>();
  readonly #senders = new Map<number, RunnerId | typeof EDGE>();
  readonly #arriving = new Set<number>();
  readonly #done = Promise.withResolvers<void>();
  readonly #ended = new AbortController();
  #suspects: { index: number; digest: Uint8Array; peer: RunnerId }[] = [];
  #news = Promise.withResolvers<void>();
  #list: { name: Sha256; list: ChunkList } | null = null;
  #isReady = false;
  /** Whether those that were asked first have answered, or had the time to. */
  #hasHeard = false;
  readonly #unanswered = new Set<Promise<void>>();
  #isAdopting = false;
  #isVerifying = false;
  #isEdgeOnly = false;
  #drawing: AbortController | null = null;
  #edgeError: unknown = null;
  #started_ms = 0;
  #heard_ms = 0;
  #waited_ms = 0;
  #tally: FetchedBlob = { from_peers_bytes: 0, from_edge_bytes: 0, peers: 0, wasted_bytes: 0 };

  constructor(wanted: WantedBlob, part: PartFile, deps: TransferDeps) {
    this.#wanted = wanted;
    this.#part = part;
    this.#deps = deps;
    this.#times = {
      chunk_ms_max: LIMITS.blob_chunk_ms_max,
      answer_ms_max: LIMITS.blob_answer_ms_max,
      turn_ms_max: LIMITS.blob_turn_ms_max,
      wait_ms_max: LIMITS.blob_wait_ms_max,
      look_ms: LIMITS.blob_look_ms,
      ...deps.times,
    };
  }

  /** Resolves when all of it is in the part file and has its sha256. Rejects with the edge's error, `BlobUnusable` or the signal's reason. */
  async run(signal: AbortSignal): Promise<FetchedBlob> {
    this.#started_ms = this.#heard_ms = performance.now();
    const onAbort = (): void => this.#done.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const tick = setInterval(() => this.#step(), TICK_MS);
    const look = setInterval(() => this.#look(), this.#times.look_ms);
    try {
      if (signal.aborted) onAbort();
      void this.#begin().catch((error: unknown) => this.#done.reject(error));
      await this.#done.promise;
      this.#blame();
      const peers = new Set([...this.#senders.values()].filter((sender) => sender !== EDGE)).size;
      return { ...this.#tally, peers };
    } finally {
      clearInterval(tick);
      clearInterval(look);
      signal.removeEventListener("abort", onAbort);
      this.#ended.abort(new Error("the transfer is over"));
      this.#tell();
    }
  }

  // What others are told and given of it.

  get bytes(): number {
    return this.#part.bytes;
  }
  get count(): number {
    return this.#part.count;
  }
  get here(): number {
    return this.#part.held().filter((index) => this.has(index)).length;
  }
  /** What this machine can answer for: chunks of the manifest's own list, and what the edge has sent. */
  has = (index: number): boolean =>
    this.#part.has(index) && (this.#isTrusted || this.#senders.get(index) === EDGE);
  get list(): Sha256 | null {
    return this.#isTrusted ? (this.#list?.name ?? null) : null;
  }
  chunkList = (): ChunkList | null => (this.#isTrusted ? (this.#list?.list ?? null) : null);
  read = (index: number): Promise<Bytes> => this.#part.read(index);
  /** Whoever cannot draw from the edge is nobody's to wait for. */
  get wants(): boolean {
    return this.#edgeError === null;
  }
  get draws(): boolean {
    return this.#drawing !== null;
  }

  changed(signal: AbortSignal): Promise<void> {
    return new Promise((done) => {
      void this.#news.promise.then(done);
      signal.addEventListener("abort", () => done(), { once: true });
    });
  }

  onWanted(peer: RunnerId): void {
    if (this.#left.has(peer) || this.#fellows.size >= LIMITS.blob_peers_asked_max) return;
    this.#fellows.add(peer);
    this.#watch({ runner: peer });
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  // Who has what.

  async #begin(): Promise<void> {
    const { signal } = this.#ended;
    this.#look();
    await this.#firstAnswers(FIRST_ROUND_MS);
    if (this.#wanted.chunks !== undefined) await this.#adoptTrusted(this.#wanted.chunks);
    else await this.#adoptClaimed();
    if (signal.aborted) return;
    this.#isReady = true;
    this.#step();
    // Before it draws from the edge it has heard of all that may do so too.
    await this.#firstAnswers(this.#times.answer_ms_max);
    this.#heard_ms = performance.now();
    this.#hasHeard = true;
    this.#step();
  }

  /** Resolves when all that were asked have answered, or so long after the start. */
  async #firstAnswers(ms_max: number): Promise<void> {
    const { signal } = this.#ended;
    const rest_ms = Math.max(0, this.#started_ms + ms_max - performance.now());
    const limit = sleep(rest_ms, true, { signal }).catch(() => true);
    while (this.#unanswered.size > 0)
      if ((await Promise.race([Promise.all(this.#unanswered), limit])) === true) return;
  }

  /** Asks those that were not asked yet, as they are found. */
  #look(): void {
    const { signal } = this.#ended;
    const looking = (async () => {
      for await (const hint of this.#deps.findPeers(this.#wanted, signal)) this.#watch(hint);
    })().catch(() => undefined);
    const limit = sleep(FIRST_ROUND_MS, undefined, { signal }).catch(() => undefined);
    this.#await(Promise.race([looking, limit]));
  }

  /** Something that the first decisions wait for. */
  #await(one: Promise<void>): void {
    this.#unanswered.add(one);
    void one.finally(() => this.#unanswered.delete(one));
  }

  #watch(hint: PeerHint): void {
    const { runner } = hint;
    const isKnown = this.#watched.has(runner) || this.#left.has(runner);
    const isFull = this.#watched.size >= LIMITS.blob_peers_asked_max;
    if (runner === this.#deps.self || isKnown || isFull || this.#deps.isDistrusted(runner)) return;
    this.#watched.add(runner);
    const first = Promise.withResolvers<void>();
    this.#await(first.promise);
    void this.#follow(hint, first.resolve)
      .catch((error: unknown) => this.#leave(runner, error))
      .finally(first.resolve);
  }

  async #follow(hint: PeerHint, onFirst: () => void): Promise<void> {
    const { signal } = this.#ended;
    const { runner } = hint;
    const link = await this.#deps.connect(hint, signal);
    for (let known = 0, wait = false; !signal.aborted; wait = true) {
      const asked_ms = performance.now();
      const patience_ms = this.#times.answer_ms_max + (wait ? LIMITS.blob_news_ms_max : 0);
      const { answer } = await link.ask(
        { ask: "have", sha256: this.#wanted.sha256, wants: this.#deps.isSharing, known, wait },
        patience_ms,
      );
      if (signal.aborted) return;
      if (answer.answer !== "have") throw new PeerFault("malformed", "the peer does not say what it has");
      for (const { runner, addresses } of answer.fellows) this.#watch({ runner, addresses });
      if (answer.bytes === null) {
        this.#forget(runner);
        return onFirst();
      }
      if (answer.bytes !== this.bytes)
        throw new PeerFault(
          "wrong",
          `the peer says that the blob has ${answer.bytes} bytes; it has ${this.bytes}`,
        );
      const source = this.#sources.get(runner);
      if (source) source.tell(answer);
      else if (this.#sources.size < LIMITS.blob_peers_asked_max)
        this.#sources.set(runner, new BlobSource(runner, link, performance.now() - asked_ms, answer));
      onFirst();
      this.#step();
      known = Array.from({ length: this.count }, (_, i) => i).filter((i) =>
        this.#sources.get(runner)?.has(i),
      ).length;
      if (known === this.count) return;
      await sleep(NEWS_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** It has nothing of the blob, now; it may be asked again. */
  #forget(runner: RunnerId): void {
    this.#watched.delete(runner);
    this.#fellows.delete(runner);
    this.#sources.delete(runner);
    this.#step();
  }

  /** It is not asked again; when what it did was wrong and not only slow, by nobody here for a while. */
  #leave(runner: RunnerId, error: unknown): void {
    if (this.#ended.signal.aborted || this.#left.has(runner)) return;
    const fault = error instanceof PeerFault ? error : new PeerFault("gone", String(error));
    this.#sources.get(runner)?.link.end(fault);
    this.#left.add(runner);
    this.#forget(runner);
    if (fault.kind !== "gone" && fault.kind !== "slow") this.#deps.distrust(runner, fault);
  }

  /** Only those who name the list are asked for chunks, where it is only they who do. */
  #eligible(): BlobSource[] {
    if (this.#isEdgeOnly) return [];
    const all = [...this.#sources.values()];
    const isTheirs = this.#list !== null && !this.#isTrusted;
    return (isTheirs ? all.filter(({ list }) => list === this.#list?.name) : all).slice(
      0,
      LIMITS.blob_sources_max,
    );
  }

  // The list of chunks.

  get #isTrusted(): boolean {
    return this.#list !== null && this.#list.name === this.#wanted.chunks;
  }

  async #adoptTrusted(name: Sha256): Promise<void> {
    for (const source of this.#sources.values())
      if (source.list === name && (await this.#askList(source, name))) return;
    // It is a blob like others, small, and published with the model.
    const list = await this.#drawList(name).catch(() => null);
    if (list !== null) await this.#adopt(name, list);
  }

  async #adoptClaimed(): Promise<void> {
    for (;;) {
      const claims = [...this.#sources.values()].flatMap((source) =>
        source.list === null ? [] : [{ peer: source, list: source.list, latency_ms: source.latency_ms }],
      );
      const name = chooseChunkList(claims);
      const claim = claims.find(({ list }) => list === name);
      if (name === null || claim === undefined || (await this.#askList(claim.peer, name))) return;
    }
  }

  /** Whether the peer gave the list that it names; it is left when not. */
  async #askList(source: BlobSource, name: Sha256): Promise<boolean> {
    try {
      const { answer } = await source.link.ask(
        { ask: "list", sha256: this.#wanted.sha256 },
        this.#times.answer_ms_max,
      );
      const list = answer.answer === "list" ? decodeChunkList(answer.list) : null;
      if (answer.answer !== "list" || list === null || list.bytes !== this.bytes)
        throw new PeerFault("wrong", "the peer has no list of the chunks that it says it has");
      if ((await sha256(new Uint8Array(answer.list))) !== name)
        throw new PeerFault("wrong", `the peer's list of chunks is not ${name}, which it named`);
      await this.#adopt(name, list);
      return true;
    } catch (error) {
      this.#leave(source.runner, error);
      return false;
    }
  }

  async #drawList(name: Sha256): Promise<ChunkList | null> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    const { signal } = this.#ended;
    for await (const piece of await this.#deps.drawEdge(name, signal)) {
      bytes += piece.length;
      if (bytes > LIST_BYTES_MAX) return null;
      pieces.push(piece);
    }
    const encoded = new Uint8Array(Buffer.concat(pieces));
    const list = decodeChunkList(encoded);
    return list?.bytes === this.bytes && (await sha256(encoded)) === name ? list : null;
  }

  /** What is here and is not in the list is not here. */
  async #adopt(name: Sha256, list: ChunkList): Promise<void> {
    for (let index = 0; index < this.count; index++)
      if (this.#part.has(index) && !isSame(this.#part.digestOf(index), chunkDigest(list, index)))
        await this.#part.discard(index);
    this.#list = { name, list };
    this.#tell();
  }

  // What is done next.

  #step(): void {
    if (!this.#isReady || this.#ended.signal.aborted) return;
    if (this.#part.isWhole) return void this.#verify();
    const missing = this.#part.missing().filter((index) => !this.#arriving.has(index));
    const sources = this.#eligible();
    if (this.#list === null && !this.#isAdopting && sources.some(({ list }) => list !== null))
      this.#adoptLater();
    const questions = decideChunkQuestions(
      { missing, sources, now_ms: performance.now(), chunk_bytes: LIMITS.blob_chunk_bytes },
      this.#deps.random ?? Math.random,
    );
    for (const { peer, index } of questions) void this.#ask(peer, index);
    this.#considerEdge(missing, sources);
  }

  /** Somebody has all of it now, and a list. */
  #adoptLater(): void {
    this.#isAdopting = true;
    const { chunks } = this.#wanted;
    const adopted = chunks === undefined ? this.#adoptClaimed() : this.#adoptTrustedFrom(chunks);
    void adopted.finally(() => {
      this.#isAdopting = false;
      this.#step();
    });
  }

  async #adoptTrustedFrom(name: Sha256): Promise<void> {
    for (const source of this.#sources.values())
      if (source.list === name && (await this.#askList(source, name))) return;
  }

  async #ask(source: BlobSource, index: number): Promise<void> {
    const asked_ms = performance.now();
    source.asked(index, asked_ms);
    try {
      const { answer, chunk } = await source.link.ask(
        { ask: "chunk", sha256: this.#wanted.sha256, index },
        this.#times.chunk_ms_max,
      );
      if (this.#ended.signal.aborted) return;
      if (chunk === null) {
        if (answer.answer !== "no") throw new PeerFault("malformed", "the peer answers something else");
        return source.lacks(index);
      }
      const { length } = chunkSpan(this.bytes, index);
      const digest = hashNative(chunk);
      if (chunk.length !== length || !this.#isListed(index, digest)) {
        this.#tally.wasted_bytes += chunk.length;
        throw new PeerFault(
          "wrong",
          `chunk ${index} of blob ${this.#wanted.sha256} is not what it should be`,
        );
      }
      source.sent(length, asked_ms, performance.now());
      if (await this.#accept(index, chunk, digest, source.runner)) this.#tally.from_peers_bytes += length;
    } catch (error) {
      this.#leave(source.runner, error);
    } finally {
      source.answered(index);
      this.#step();
    }
  }

  #isListed(index: number, digest: Uint8Array): boolean {
    return this.#list === null || isSame(chunkDigest(this.#list.list, index), digest);
  }

  /** False for a chunk that was here already. */
  async #accept(
    index: number,
    chunk: Bytes,
    digest: Uint8Array,
    sender: RunnerId | typeof EDGE,
  ): Promise<boolean> {
    if (this.#part.has(index) || this.#arriving.has(index) || (this.#isEdgeOnly && sender !== EDGE)) {
      this.#tally.wasted_bytes += chunk.length;
      return false;
    }
    this.#arriving.add(index);
    try {
      await this.#part.write(index, chunk, digest);
    } finally {
      this.#arriving.delete(index);
    }
    this.#senders.set(index, sender);
    this.#heard_ms = performance.now();
    this.#tell();
    return true;
  }

  // The edge.

  #considerEdge(missing: readonly number[], sources: readonly BlobSource[]): void {
    if (!this.#hasHeard || missing.length === 0) return;
    if (this.#drawing !== null) {
      const isFree = !this.#isEdgeOnly && !this.#isOverdue();
      if (isFree && yieldsEdgeTurn(this.#deps.self, this.#wanted.sha256, this.#others()))
        this.#drawing.abort();
      return;
    }
    const isReachable = missing.every((index) => sources.some(({ has }) => has(index)));
    const now_ms = performance.now();
    if (this.#edgeError !== null) {
      const isHopeless = !isReachable && !this.#others().some(({ isSilent }) => !isSilent);
      if (isHopeless) this.#done.reject(this.#edgeError);
      return;
    }
    const isStalled = now_ms - this.#heard_ms > this.#times.turn_ms_max;
    if (this.#isEdgeOnly || this.#isOverdue()) return void this.#draw();
    if (isReachable && !isStalled) return;
    const turn = decideEdgeTurn(this.#deps.self, this.#wanted.sha256, this.#others());
    if (turn.draws) return void this.#draw();
    if (!isStalled) return;
    // Its turn is over: the next one's begins.
    this.#waited_ms += this.#times.turn_ms_max;
    this.#heard_ms = now_ms;
    const silent = this.#sources.get(turn.waits_for);
    if (silent) silent.isSilent = true;
    this.#fellows.delete(turn.waits_for);
  }

  /** Others have brought too little for too long. */
  #isOverdue(): boolean {
    const most_ms = this.#times.wait_ms_max + this.bytes / LIMITS.blob_bytes_per_ms_min;
    const took_ms = performance.now() - this.#started_ms;
    return took_ms > most_ms || this.#waited_ms >= this.#times.wait_ms_max;
  }

  #others() {
    const told = [...this.#fellows]
      .filter((runner) => !this.#sources.has(runner))
      .map((runner) => ({ runner, draws: false, isSilent: false }));
    return [...told, ...[...this.#sources.values()].filter(({ wants }) => wants)];
  }

  async #draw(): Promise<void> {
    const drawing = new AbortController();
    this.#drawing = drawing;
    this.#tell();
    const signal = AbortSignal.any([this.#ended.signal, drawing.signal]);
    for (let attempt = 1; !signal.aborted && !this.#part.isWhole; attempt++) {
      const before = this.#tally.from_edge_bytes;
      try {
        await this.#drawMissing(signal);
      } catch (error) {
        if (signal.aborted) break;
        if (this.#tally.from_edge_bytes > before) attempt = 1;
        if (!this.#deps.isPassing(error) || attempt >= LIMITS.runner_attempts_max) {
          this.#edgeError = error;
          break;
        }
        await sleep(LIMITS.runner_retry_ms_min * attempt, undefined, { signal }).catch(() => undefined);
      }
    }
    this.#drawing = null;
    this.#tell();
    this.#step();
  }

  /** From the first chunk that is missing up to one that has come from a peer meanwhile. */
  async #drawMissing(signal: AbortSignal): Promise<void> {
    const [first] = this.#part.missing();
    if (first === undefined) return;
    const { sha256: wanted } = this.#wanted;
    const stream = await this.#deps.drawEdge(wanted, signal, chunkSpan(this.bytes, first).start);
    let next = first;
    for await (const { index, chunk } of edgeChunks(stream, this.bytes, first)) {
      signal.throwIfAborted();
      const digest = hashNative(chunk);
      if (!this.#isListed(index, digest)) await this.#trustEdgeAlone();
      this.#tally.from_edge_bytes += chunk.length;
      await this.#accept(index, chunk, digest, EDGE);
      next = index + 1;
      this.#step();
      if (this.#part.has(next)) return;
    }
    if (next < this.count && !this.#part.has(next))
      throw new Error(`the edge ended blob ${wanted} after ${next} of ${this.count} chunks`);
  }

  // The end.

  async #verify(): Promise<void> {
    if (this.#isVerifying) return;
    this.#isVerifying = true;
    try {
      const actual = await this.#part.digest();
      if (actual === this.#wanted.sha256) return this.#done.resolve();
      const isEdges = [...this.#senders.values()].every((sender) => sender === EDGE);
      if (this.#isEdgeOnly || (isEdges && this.#senders.size === this.count))
        throw new BlobUnusable(`blob ${this.#wanted.sha256} came with the sha256 ${actual}`);
      await this.#trustEdgeAlone();
    } catch (error) {
      await this.#part.discardAll().catch(() => undefined);
      this.#done.reject(error);
    } finally {
      this.#isVerifying = false;
      this.#step();
    }
  }

  /** Of what peers have sent something is wrong, and nobody can say what: all of it goes. */
  async #trustEdgeAlone(): Promise<void> {
    if (this.#isEdgeOnly) return;
    this.#isEdgeOnly = true;
    this.#list = null;
    for (let index = 0; index < this.count; index++) {
      const sender = this.#senders.get(index);
      if (sender === EDGE || !this.#part.has(index)) continue;
      if (sender !== undefined)
        this.#suspects.push({ index, peer: sender, digest: this.#part.digestOf(index).slice() });
      this.#tally.wasted_bytes += chunkSpan(this.bytes, index).length;
      this.#senders.delete(index);
      await this.#part.discard(index);
    }
    this.#tally.from_peers_bytes = 0;
    this.#tell();
  }

  /** Now that the whole is known, so is who sent what is not in it. */
  #blame(): void {
    for (const { index, digest, peer } of this.#suspects)
      if (!isSame(digest, this.#part.digestOf(index)))
        this.#deps.distrust(
          peer,
          new PeerFault("wrong", `chunk ${index} of blob ${this.#wanted.sha256} was wrong`),
        );
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
