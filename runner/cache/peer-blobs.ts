import type { Sha256 } from "@infernet/schemas/digest";
import type { Download } from "./blob-cache.ts";

/** What peers must know of a blob that they may have. */
export interface BlobSharing {
  bytes: number;
  /** The model that it is a file of, as peers announce it. */
  model?: Sha256 | undefined;
  /** Name of the list of its chunks, by the model's manifest. */
  chunks?: Sha256 | undefined;
}

/** A blob that peers may be asked for. */
export interface WantedBlob extends BlobSharing {
  sha256: Sha256;
}

/** Where the bytes of a blob came from. */
export interface FetchedBlob {
  from_peers_bytes: number;
  /** Or from whoever else the cache asks, as a peer's aggregator. */
  from_edge_bytes: number;
  /** Peers that have sent chunks of it. */
  peers: number;
  /** What came and was of no use: wrong, or there already. */
  wasted_bytes: number;
}

/** The peers, as a cache sees them. */
export interface PeerBlobs {
  /**
   * Brings a blob to its place, checked, from peers and what they lack from the source. Null when it is on its way for somebody else already: that
   * one's source may stall.
   */
  fetch(
    wanted: WantedBlob,
    place: string,
    source: Download,
    signal: AbortSignal,
  ): Promise<FetchedBlob | null>;
  /** Lets peers have a blob that is in the cache. */
  share(sha256: Sha256): void;
}
