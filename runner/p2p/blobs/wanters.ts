import type { Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";

/**
 * Who has lately asked for which blob because it wants it. Told to whoever asks next, so that those who fetch a blob at once find each other by
 * way of any peer that they share, even one that has nothing of it.
 */
export class Wanters {
  readonly #blobs = new Map<Sha256, Map<RunnerId, number>>();

  note(blob: Sha256, runner: RunnerId, now_ms: number): void {
    const runners = this.#blobs.get(blob) ?? new Map<RunnerId, number>();
    this.#blobs.delete(blob);
    this.#blobs.set(blob, runners);
    runners.delete(runner);
    runners.set(runner, now_ms);
    const [oldest] = this.#blobs.keys();
    if (this.#blobs.size > LIMITS.blob_fellow_blobs_max && oldest !== undefined) this.#blobs.delete(oldest);
    const [first] = runners.keys();
    if (runners.size > LIMITS.blob_peers_asked_max && first !== undefined) runners.delete(first);
  }

  /** The latest, but for the one that asks. */
  of(blob: Sha256, asker: RunnerId, now_ms: number): RunnerId[] {
    return [...(this.#blobs.get(blob) ?? [])]
      .filter(([runner, at_ms]) => runner !== asker && now_ms - at_ms < LIMITS.blob_fellow_ms)
      .map(([runner]) => runner)
      .slice(-LIMITS.blob_fellows_max);
  }
}
