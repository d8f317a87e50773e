/** At most `permits` holders at once; who waits is served in order. */
export class Semaphore {
  #free: number;
  #waiting: (() => void)[] = [];

  constructor(permits: number) {
    this.#free = permits;
  }

  /** Resolves to the function that gives the permit back; rejects with the signal's reason, holding nothing. */
  acquire(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const enter = (): void => {
        signal.removeEventListener("abort", leave);
        resolve(() => this.#release());
      };
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== enter);
        reject(signal.reason);
      };
      if (this.#free > 0) {
        this.#free -= 1;
        enter();
        return;
      }
      this.#waiting.push(enter);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
