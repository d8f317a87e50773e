import type { JobId, LeaseId } from "@infernet/schemas/ids";
import type { TokenPart } from "@infernet/schemas/llm/generation";
import { type StreamDelta, type StreamDown, StreamUp } from "@infernet/schemas/llm/stream-message";
import { BLOCK_TOKENS, type SignedBlock } from "@infernet/schemas/llm/token-block";
import type { LinkListener, StreamLink } from "./stream-link.ts";

/** What an edge has of one lease. */
interface Received {
  /** Positions that were given with it. */
  start: number;
  parts: TokenPart[];
  blocks: SignedBlock[];
  /** Positions that survive the edge. */
  kept: number;
}

/**
 * What an edge does with streams, in memory: it takes each position once and in order, keeps whole blocks, asks for what does
 * not follow on, and says which leases it wants no more of.
 */
export class MemoryStreams {
  /** As they came. */
  readonly messages: StreamUp[] = [];
  /** Whether no WebSocket gets through. */
  isBlocked = false;
  readonly #received = new Map<LeaseId, Received>();
  readonly #ended = new Set<LeaseId>();
  readonly #open = new Set<LinkListener>();

  /** The texts of all positions of a lease that have come, joined. */
  textOf(id: LeaseId): string {
    return (this.#received.get(id)?.parts ?? []).map(({ text }) => text).join("");
  }

  blocksOf(id: LeaseId): SignedBlock[] {
    return this.#received.get(id)?.blocks ?? [];
  }

  get connections(): number {
    return this.#open.size;
  }

  /** Nobody wants more of this lease. */
  end(id: LeaseId): void {
    this.#ended.add(id);
    this.#tell({ kept: [], resend: [], ended: [id] });
  }

  /** Every connection breaks. */
  cut(): void {
    for (const listener of [...this.#open]) {
      this.#open.delete(listener);
      listener.onEnd("broken");
    }
  }

  /** Every connection breaks, and what is not kept is forgotten. */
  crash(): void {
    this.cut();
    for (const received of this.#received.values()) {
      received.parts.length = Math.max(0, Math.min(received.parts.length, received.kept - received.start));
      received.blocks = received.blocks.filter(({ block }) => block.start < received.kept);
    }
  }

  /** What the edge answers to one message, null for nothing. */
  receive(message: StreamUp): StreamDown | null {
    const { deltas } = StreamUp.parse(message);
    this.messages.push({ deltas });
    const down: StreamDown = { kept: [], resend: [], ended: [] };
    for (const delta of deltas) this.#take(delta, down);
    return down.kept.length + down.resend.length + down.ended.length === 0 ? null : down;
  }

  connect(_job: JobId, listener: LinkListener): StreamLink {
    let isOver = false;
    queueMicrotask(() => {
      if (isOver) return;
      if (this.isBlocked) return listener.onEnd("no_upgrade");
      this.#open.add(listener);
      listener.onOpen();
    });
    return {
      get isReady() {
        return !isOver;
      },
      send: (message) => {
        queueMicrotask(() => {
          if (!this.#open.has(listener)) return;
          const answer = this.receive(message);
          if (answer !== null) listener.onMessage(answer);
        });
      },
      close: () => {
        isOver = true;
        this.#open.delete(listener);
      },
    };
  }

  #take(delta: StreamDelta, down: StreamDown): void {
    const { lease_id, start, parts, blocks } = delta;
    if (this.#ended.has(lease_id)) {
      down.ended.push(lease_id);
      return;
    }
    const known = this.#received.get(lease_id);
    const received = known ?? { start, parts: [], blocks: [], kept: start };
    this.#received.set(lease_id, received);
    const end = received.start + received.parts.length;
    if (start > end) {
      down.resend.push({ lease_id, from: end });
      return;
    }
    received.parts.push(...parts.slice(end - start));
    const seen = new Set(received.blocks.map(({ block }) => block.start));
    received.blocks.push(...blocks.filter(({ block }) => !seen.has(block.start)));
    const whole = Math.floor((received.start + received.parts.length) / BLOCK_TOKENS) * BLOCK_TOKENS;
    if (whole <= received.kept) return;
    received.kept = whole;
    down.kept.push({ lease_id, positions: whole });
  }

  #tell(message: StreamDown): void {
    for (const listener of this.#open) listener.onMessage(message);
  }
}
