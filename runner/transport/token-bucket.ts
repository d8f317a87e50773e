import { setTimeout as sleep } from "node:timers/promises";

/**
 * A rate that holds on average: what is asked for is granted at once while there is credit, and what is overdrawn is waited
 * for by whoever comes next. Credit grows for a second at most.
 */
export class TokenBucket {
  readonly #per_second: number;
  #credit: number;
  #at_ms = performance.now();
  #turn: Promise<void> = Promise.resolve();

  constructor(per_second: number) {
    this.#per_second = per_second;
    this.#credit = per_second;
  }

  /** Resolves when `amount` may go; in the order of the calls. Rejects with the signal's reason. */
  take(amount: number, signal: AbortSignal): Promise<void> {
    const taken = this.#turn.then(async () => {
      this.#grow();
      const wait_ms = this.#credit >= 0 ? 0 : (-this.#credit / this.#per_second) * 1_000;
      if (wait_ms > 0) await sleep(wait_ms, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
      this.#grow();
      this.#credit -= amount;
    });
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  #grow(): void {
    const now_ms = performance.now();
    const grown = ((now_ms - this.#at_ms) / 1_000) * this.#per_second;
    this.#credit = Math.min(this.#per_second, this.#credit + grown);
    this.#at_ms = now_ms;
  }
}
