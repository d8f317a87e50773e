import type { Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";

/** A blob that peers may be asked for. */
export interface WantedBlob {
  sha256: Sha256;
  bytes: number;
  /** The model that it is a file of, as peers announce it. */
  model?: Sha256 | undefined;
  /** Name of the list of its chunks, by the model's manifest. */
  chunks?: Sha256 | undefined;
}

/** A peer that may have it. */
export interface PeerHint {
  runner: RunnerId;
  addresses?: readonly PeerAddress[];
}

/** Where the bytes of a blob came from. */
export interface FetchedBlob {
  from_peers_bytes: number;
  from_edge_bytes: number;
  /** Peers that have sent chunks of it. */
  peers: number;
  /** What came and was of no use: wrong, or there already. */
  wasted_bytes: number;
}
