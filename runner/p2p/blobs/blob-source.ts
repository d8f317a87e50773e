import type { ChunkSource } from "@infernet/protocol/peers/chunk-schedule";
import { measurePace } from "@infernet/protocol/peers/measure-pace";
import type { Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { type Have, hasChunk } from "@infernet/schemas/peer/blob-message";
import type { BlobLink } from "./blob-link.ts";

/** A peer that a blob is taken from: what it has, what it was asked for, how fast it is. */
export class BlobSource implements ChunkSource<BlobSource> {
  readonly runner: RunnerId;
  readonly link: BlobLink;
  readonly latency_ms: number;
  readonly in_flight: { index: number; asked_ms: number }[] = [];
  good = 0;
  bytes_per_ms: number | null = null;
  /** Whether its turn to draw from the edge came and nothing new did. */
  isSilent = false;
  #have: Have;
  readonly #lacks = new Set<number>();
  #free_ms = 0;

  constructor(runner: RunnerId, link: BlobLink, latency_ms: number, have: Have) {
    this.runner = runner;
    this.link = link;
    this.latency_ms = latency_ms;
    this.#have = have;
  }

  get peer(): BlobSource {
    return this;
  }

  get list(): Sha256 | null {
    return this.#have.list;
  }

  get wants(): boolean {
    return this.#have.wants;
  }

  get draws(): boolean {
    return this.#have.draws;
  }

  has = (index: number): boolean => hasChunk(this.#have.chunks, index) && !this.#lacks.has(index);

  /** Of so many chunks, how many it has. */
  count(chunks: number): number {
    let here = 0;
    for (let index = 0; index < chunks; index++) if (this.has(index)) here += 1;
    return here;
  }

  tell(have: Have): void {
    this.#have = have;
  }

  /** It said that it has a chunk, and then that it has not. */
  lacks(index: number): void {
    this.#lacks.add(index);
  }

  asked(index: number, now_ms: number): void {
    this.in_flight.push({ index, asked_ms: now_ms });
  }

  /** Whatever became of a chunk that it was asked for. */
  answered(index: number): void {
    const at = this.in_flight.findIndex((flight) => flight.index === index);
    if (at >= 0) this.in_flight.splice(at, 1);
  }

  sent(bytes: number, asked_ms: number, now_ms: number): void {
    this.good += 1;
    this.bytes_per_ms = measurePace(this.bytes_per_ms, bytes, now_ms - Math.max(asked_ms, this.#free_ms));
    this.#free_ms = now_ms;
  }
}
