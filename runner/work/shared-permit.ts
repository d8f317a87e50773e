import type { Semaphore } from "../semaphore.ts";
import { untilAborted } from "../until-aborted.ts";

/** One permit for all who work together, from the first that comes until the last that goes. */
export class SharedPermit {
  readonly #of: Semaphore;
  #users = 0;
  #permit: Promise<() => void> | null = null;

  constructor(of: Semaphore) {
    this.#of = of;
  }

  /** As `Semaphore.acquire`. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    this.#users += 1;
    this.#permit ??= this.#of.acquire(NEVER);
    try {
      await untilAborted(this.#permit, signal);
    } catch (error) {
      this.#leave();
      throw error;
    }
    return () => this.#leave();
  }

  #leave(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    // Those who waited for it in vain may have been the last.
    void this.#permit?.then((release) => release());
    this.#permit = null;
  }
}

const NEVER = new AbortController().signal;
