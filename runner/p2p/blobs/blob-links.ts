import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { PeerNode } from "../node/peer-node.ts";
import { PROTOCOLS } from "../protocols.ts";
import { PeerFault } from "../stream/peer-fault.ts";
import { BlobLink } from "./blob-link.ts";
import type { ChunkBuffers } from "./chunk-buffers.ts";
import type { PeerHint } from "./peer-hint.ts";

/** Streams to peers, kept open from one blob to the next: opening one costs more than a small chunk does. */
export class BlobLinks {
  readonly #node: PeerNode;
  readonly #buffers: ChunkBuffers;
  readonly #chunk_ms_max: number;
  readonly #links = new Map<RunnerId, Promise<BlobLink>>();

  constructor(node: PeerNode, buffers: ChunkBuffers, chunk_ms_max: number = LIMITS.blob_chunk_ms_max) {
    this.#node = node;
    this.#buffers = buffers;
    this.#chunk_ms_max = chunk_ms_max;
  }

  /** Rejects with `PeerFault` when the peer is not to be reached or serves no blobs. */
  async open({ runner, addresses = [] }: PeerHint, signal: AbortSignal): Promise<BlobLink> {
    const kept = await this.#links.get(runner)?.catch(() => null);
    if (kept?.isOpen) return kept;
    const opened = this.#node
      .open(runner, PROTOCOLS.blob, {
        addresses,
        signal: AbortSignal.any([signal, AbortSignal.timeout(LIMITS.peer_dial_ms_max)]),
      })
      .then((stream) => new BlobLink(stream, this.#buffers, this.#chunk_ms_max));
    this.#links.set(runner, opened);
    opened.catch(() => this.#links.delete(runner));
    for (const [peer, link] of this.#links)
      if (this.#links.size > LIMITS.blob_streams_max && !(await link.catch(() => null))?.isOpen)
        this.#links.delete(peer);
    return opened;
  }

  async close(): Promise<void> {
    const links = await Promise.allSettled(this.#links.values());
    for (const link of links)
      if (link.status === "fulfilled") link.value.end(new PeerFault("gone", "this node has stopped"));
  }
}
