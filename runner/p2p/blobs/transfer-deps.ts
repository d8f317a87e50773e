import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { Download } from "../../cache/blob-cache.ts";
import type { WantedBlob } from "../../cache/peer-blobs.ts";
import type { PeerFault } from "../stream/peer-fault.ts";
import type { BlobLink } from "./blob-link.ts";
import type { ChunkBuffers } from "./chunk-buffers.ts";
import type { PeerHint } from "./peer-hint.ts";

export interface TransferDeps {
  self: RunnerId;
  /** Whether others may have it from here while it comes: else nobody need know that it is wanted. */
  isSharing: boolean;
  buffers: ChunkBuffers;
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

export const transferTimes = (shorter: Partial<TransferTimes> = {}): TransferTimes => ({
  chunk_ms_max: LIMITS.blob_chunk_ms_max,
  answer_ms_max: LIMITS.blob_answer_ms_max,
  turn_ms_max: LIMITS.blob_turn_ms_max,
  wait_ms_max: LIMITS.blob_wait_ms_max,
  look_ms: LIMITS.blob_look_ms,
  ...shorter,
});
