import { setTimeout as sleep } from "node:timers/promises";
import type { Libp2p } from "@libp2p/interface";
import { untilAborted } from "../../until-aborted.ts";
import type { PeerServices } from "./peer-node.ts";

const AGAIN_MS = 500;

/**
 * Knows when the DHT can be asked. Every query of the library waits until there is somebody to ask and the node's first search for its
 * own neighbours is over, and so does this one, which is that search once more and finds them next to it.
 */
export class Joining {
  readonly #libp2p: Libp2p<PeerServices>;
  readonly #stopped: AbortSignal;
  #joined: Promise<void> | null = null;

  constructor(libp2p: Libp2p<PeerServices>, stopped: AbortSignal) {
    this.#libp2p = libp2p;
    this.#stopped = stopped;
  }

  /** As `PeerNode.joined` has it. */
  async joined(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted && !this.#stopped.aborted) {
      this.#joined ??= this.#search();
      try {
        await untilAborted(this.#joined, signal);
        return !this.#stopped.aborted;
      } catch {
        // Whoever was there has gone in the middle of it.
        await sleep(AGAIN_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
    return false;
  }

  async #search(): Promise<void> {
    const key = this.#libp2p.peerId.toMultihash().bytes;
    try {
      // One answer is enough: the query has begun, and so those after it do.
      for await (const { name } of this.#libp2p.services.dht.getClosestPeers(key, { signal: this.#stopped }))
        if (name === "PEER_RESPONSE" || name === "FINAL_PEER") return;
    } catch (error) {
      this.#joined = null;
      throw error;
    }
  }
}
