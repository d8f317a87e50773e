import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";

/** Peers that have sent something wrong, for a while; the one that did so longest ago is forgotten first. */
export class Distrust {
  readonly #until_ms = new Map<RunnerId, number>();

  add(peer: RunnerId, now_ms: number): void {
    this.#until_ms.delete(peer);
    this.#until_ms.set(peer, now_ms + LIMITS.blob_distrust_ms);
    const [oldest] = this.#until_ms.keys();
    if (this.#until_ms.size > LIMITS.blob_distrusted_max && oldest !== undefined)
      this.#until_ms.delete(oldest);
  }

  has(peer: RunnerId, now_ms: number): boolean {
    const until_ms = this.#until_ms.get(peer);
    return until_ms !== undefined && until_ms > now_ms;
  }
}
