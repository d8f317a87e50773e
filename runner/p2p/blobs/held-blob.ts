import type { Bytes, Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import type { ChunkList } from "@infernet/schemas/peer/chunk-list";

/** A blob that others may have, or as much of it as is here. */
export interface HeldBlob {
  /** Of the whole blob. */
  readonly bytes: number;
  readonly count: number;
  /** Chunks that are here. */
  readonly here: number;
  has(index: number): boolean;
  /** Name of the list of its chunks, where there is one. */
  readonly list: Sha256 | null;
  chunkList(): ChunkList | null;
  /** A chunk that is here, in memory that is the caller's. Rejects when the file has gone. */
  read(index: number): Promise<Bytes>;
  /** Whether it is still being fetched, and whether from the edge. */
  readonly wants: boolean;
  readonly draws: boolean;
  /** Resolves when there is more of it, or something else of it is another. */
  changed(signal: AbortSignal): Promise<void>;
  /** Told of a peer that fetches it too. */
  onWanted?(peer: RunnerId): void;
}

/** What of this machine's blobs others may have: null for what they may not, whether it is here or not. */
export type FindHeldBlob = (sha256: Sha256) => Promise<HeldBlob | null>;
