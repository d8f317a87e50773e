import { type Bucket, fullBucket, type RatePolicy, takeToken } from "@infernet/protocol/rate-limit";
import type { RunnerId } from "@infernet/schemas/ids";

/** Peers whose rate is remembered: whoever is forgotten begins anew, so it takes many keys and not much else to ask more. */
const PEERS_MAX = 2_048;

/** How often each peer may do something; who came longest ago is forgotten first. */
export class PeerRates {
  readonly #policy: RatePolicy;
  readonly #buckets = new Map<RunnerId, Bucket>();

  constructor(policy: RatePolicy) {
    this.#policy = policy;
  }

  /** Whether it may, once more. */
  take(peer: RunnerId, now_ms: number): boolean {
    const known = this.#buckets.get(peer) ?? fullBucket(this.#policy, now_ms);
    const { bucket, allowed } = takeToken(known, now_ms, this.#policy);
    this.#buckets.delete(peer);
    this.#buckets.set(peer, bucket);
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= PEERS_MAX) break;
      this.#buckets.delete(oldest);
    }
    return allowed;
  }
}
