import type { StreamDown, StreamUp } from "@infernet/schemas/llm/stream-message";

/** One connection to one aggregator object, on which tokens go up and what is kept of them comes down. */
export interface StreamLink {
  /** Whether a message that is handed over now goes out soon; while it is not open it is not ready. */
  readonly isReady: boolean;
  /** Only while it is ready. */
  send(message: StreamUp): void;
  /** Ends it without another word to the listener. */
  close(): void;
}

/**
 * Why a connection is none. `no_upgrade`: something on the way, or an edge of another make, lets no WebSocket through. `silent`:
 * nothing comes on it any more, and nobody has said so. `broken`: anything else, which another try may mend.
 */
export type LinkEnd = "no_upgrade" | "silent" | "broken";

export interface LinkListener {
  /** It is ready for the first time: the edge knows nothing of it yet. */
  onOpen(): void;
  onMessage(message: StreamDown): void;
  /** It is ready, and may not have been before. */
  onReady(): void;
  /** Told once, and nothing after it. */
  onEnd(how: LinkEnd): void;
}
