import type { RunnerId } from "@infernet/schemas/ids";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";

/** A peer that may have a blob. */
export interface PeerHint {
  runner: RunnerId;
  addresses?: readonly PeerAddress[];
}
