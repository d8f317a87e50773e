import { bytesEqual } from "@infernet/protocol/compare-bytes";
import { decideChunkQuestions } from "@infernet/protocol/peers/chunk-schedule";
import { decideEdgeTurn, yieldsEdgeTurn } from "@infernet/protocol/peers/edge-turn";
import type { Bytes, Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { type ChunkList, chunkDigest, chunkSpan } from "@infernet/schemas/peer/chunk-list";
import { BlobUnusable } from "../../cache/blob-cache.ts";
import type { FetchedBlob, WantedBlob } from "../../cache/peer-blobs.ts";
import { hashNative } from "../../work/native-hash.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import type { BlobSource } from "./blob-source.ts";
import { BlobSources } from "./blob-sources.ts";
import { drawBlob } from "./draw-blob.ts";
import { findClaimedList, findNamedList, type NamedList } from "./find-chunk-list.ts";
import type { HeldBlob } from "./held-blob.ts";
import type { PartFile } from "./part-file.ts";
import { type TransferDeps, type TransferTimes, transferTimes } from "./transfer-deps.ts";

const TICK_MS = 100;
/** How long the first answers are waited for before chunks are asked for. */
const FIRST_ROUND_MS = 1_000;
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
  readonly #sources: BlobSources;
  readonly #senders = new Map<number, RunnerId | typeof EDGE>();
  readonly #arriving = new Set<number>();
  readonly #done = Promise.withResolvers<void>();
  readonly #ended = new AbortController();
  #suspects: { index: number; digest: Uint8Array; peer: RunnerId }[] = [];
  #news = Promise.withResolvers<void>();
  #list: NamedList | null = null;
  #isReady = false;
  /** Whether those that were asked first have answered, or had the time to. */
  #hasHeard = false;
  #isAdopting = false;
  #isVerifying = false;
  #isOver = false;
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
    this.#times = transferTimes(deps.times);
    this.#sources = new BlobSources({
      ...{ wanted, deps, times: this.#times, signal: this.#ended.signal },
      onChange: () => this.#step(),
    });
  }

  /** Resolves when all of it is in the part file and has its sha256. Rejects with the edge's error, `BlobUnusable` or the signal's reason. */
  async run(signal: AbortSignal): Promise<FetchedBlob> {
    this.#started_ms = this.#heard_ms = performance.now();
    const onAbort = (): void => this.#done.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const tick = setInterval(() => this.#step(), TICK_MS);
    const look = setInterval(() => this.#sources.look(), this.#times.look_ms);
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
    this.#sources.noteFellow(peer);
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  async #begin(): Promise<void> {
    const since_ms = (): number => performance.now() - this.#started_ms;
    this.#sources.look();
    await this.#sources.answered(FIRST_ROUND_MS - since_ms());
    await this.#findList(true);
    if (this.#ended.signal.aborted) return;
    this.#isReady = true;
    this.#step();
    // Before it draws from the edge it has heard of all that may do so too.
    await this.#sources.answered(this.#times.answer_ms_max - since_ms());
    this.#heard_ms = performance.now();
    this.#hasHeard = true;
    this.#step();
  }

  // The list of chunks.

  get #isTrusted(): boolean {
    return this.#list !== null && this.#list.name === this.#wanted.chunks;
  }

  /** @param mayDraw whether the edge is asked for it too */
  async #findList(mayDraw: boolean): Promise<void> {
    const { chunks } = this.#wanted;
    const options = {
      ...{ wanted: this.#wanted, sources: this.#sources, deps: this.#deps, times: this.#times },
      signal: this.#ended.signal,
    };
    const found =
      chunks === undefined ? await findClaimedList(options) : await findNamedList(chunks, options, mayDraw);
    if (found !== null && !this.#isEdgeOnly) await this.#adopt(found);
  }

  /** Those who name another list have another blob, or the manifest names a wrong one: they are not asked. */
  #eligible(): BlobSource[] {
    if (this.#isEdgeOnly) return [];
    const mayHave = ({ list }: BlobSource): boolean =>
      this.#list === null || list === this.#list.name || (list === null && this.#isTrusted);
    return this.#sources.all().filter(mayHave).slice(0, LIMITS.blob_sources_max);
  }

  /** What is here and is not in the list is not here. */
  async #adopt({ name, list }: NamedList): Promise<void> {
    for (let index = 0; index < this.count; index++)
      if (this.#part.has(index) && !bytesEqual(this.#part.digestOf(index), chunkDigest(list, index)))
        await this.#part.discard(index);
    this.#list = { name, list };
    this.#tell();
  }

  // What is done next.

  #step(): void {
    if (!this.#isReady || this.#isOver || this.#ended.signal.aborted) return;
    if (this.#part.isWhole) return void this.#verify();
    const missing = this.#part.missing().filter((index) => !this.#arriving.has(index));
    const sources = this.#eligible();
    const { chunks } = this.#wanted;
    const isOffered = sources.some(({ list }) => list !== null && (chunks === undefined || list === chunks));
    if (this.#list === null && !this.#isAdopting && isOffered) this.#adoptLater();
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
    void this.#findList(false)
      .catch(() => undefined)
      .finally(() => {
        this.#isAdopting = false;
        this.#step();
      });
  }

  async #ask(source: BlobSource, index: number): Promise<void> {
    const asked_ms = performance.now();
    source.asked(index, asked_ms);
    let here: Bytes | null = null;
    try {
      const { answer, chunk } = await source.link.ask(
        { ask: "chunk", sha256: this.#wanted.sha256, index },
        this.#times.chunk_ms_max,
      );
      here = chunk;
      if (this.#ended.signal.aborted) return;
      if (chunk === null) {
        if (answer.answer !== "no") throw new PeerFault("malformed", "the peer answers something else");
        return source.lacks(index);
      }
      const { length } = chunkSpan(this.bytes, index);
      const digest = hashNative(chunk);
      if (chunk.length !== length || !this.#isListed(index, digest)) {
        this.#tally.wasted_bytes += chunk.length;
        // Whoever named no list has not said that it has these chunks.
        const kind = this.#list !== null && source.list === null ? "gone" : "wrong";
        throw new PeerFault(kind, `chunk ${index} of blob ${this.#wanted.sha256} is not what it should be`);
      }
      source.sent(length, asked_ms, performance.now());
      if (await this.#accept(index, chunk, digest, source.runner)) this.#tally.from_peers_bytes += length;
    } catch (error) {
      this.#sources.leave(source.runner, error);
    } finally {
      if (here !== null) this.#deps.buffers.give(here);
      source.answered(index);
      this.#step();
    }
  }

  #isListed(index: number, digest: Uint8Array): boolean {
    return this.#list === null || bytesEqual(chunkDigest(this.#list.list, index), digest);
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
      if (isFree && yieldsEdgeTurn(this.#deps.self, this.#wanted.sha256, this.#sources.fellows()))
        this.#drawing.abort();
      return;
    }
    const isReachable = missing.every((index) => sources.some(({ has }) => has(index)));
    const now_ms = performance.now();
    if (this.#edgeError !== null) {
      const isHopeless = !isReachable && !this.#sources.fellows().some(({ isSilent }) => !isSilent);
      if (isHopeless) this.#done.reject(this.#edgeError);
      return;
    }
    const isStalled = now_ms - this.#heard_ms > this.#times.turn_ms_max;
    if (this.#isEdgeOnly || this.#isOverdue()) return void this.#draw();
    if (isReachable && !isStalled) return;
    const turn = decideEdgeTurn(this.#deps.self, this.#wanted.sha256, this.#sources.fellows());
    if (turn.draws) return void this.#draw();
    if (!isStalled) return;
    // Its turn is over: the next one's begins.
    this.#waited_ms += this.#times.turn_ms_max;
    this.#heard_ms = now_ms;
    this.#sources.silence(turn.waits_for);
  }

  /** Others have brought too little for too long. */
  #isOverdue(): boolean {
    const most_ms = this.#times.wait_ms_max + this.bytes / LIMITS.blob_bytes_per_ms_min;
    const took_ms = performance.now() - this.#started_ms;
    return took_ms > most_ms || this.#waited_ms >= this.#times.wait_ms_max;
  }

  async #draw(): Promise<void> {
    const drawing = new AbortController();
    this.#drawing = drawing;
    this.#tell();
    const signal = AbortSignal.any([this.#ended.signal, drawing.signal]);
    const { wanted, part, deps } = { wanted: this.#wanted, part: this.#part, deps: this.#deps };
    const take = async (index: number, chunk: Bytes): Promise<void> => {
      const digest = hashNative(chunk);
      if (!this.#isListed(index, digest)) await this.#trustEdgeAlone();
      this.#tally.from_edge_bytes += chunk.length;
      await this.#accept(index, chunk, digest, EDGE);
      this.#step();
    };
    try {
      await drawBlob({ wanted, part, deps, take, signal });
    } catch (error) {
      this.#edgeError = error;
    }
    this.#drawing = null;
    this.#tell();
    this.#step();
  }

  // The end.

  async #verify(): Promise<void> {
    if (this.#isVerifying) return;
    this.#isVerifying = true;
    try {
      const actual = await this.#part.digest();
      if (actual === this.#wanted.sha256) {
        this.#isOver = true;
        return this.#done.resolve();
      }
      const isEdges = [...this.#senders.values()].every((sender) => sender === EDGE);
      if (this.#isEdgeOnly || (isEdges && this.#senders.size === this.count))
        throw new BlobUnusable(`blob ${this.#wanted.sha256} came with the sha256 ${actual}`);
      await this.#trustEdgeAlone();
    } catch (error) {
      this.#isOver = true;
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
      if (!bytesEqual(digest, this.#part.digestOf(index)))
        this.#deps.distrust(
          peer,
          new PeerFault("wrong", `chunk ${index} of blob ${this.#wanted.sha256} was wrong`),
        );
  }
}
