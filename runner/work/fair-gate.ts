import type { EngineShares } from "./engine-shares.ts";

/** A place in an engine. */
export interface GateTurn {
  /** Nothing but the engine is waited for. */
  begin(): void;
  /** The engine's time that the shard took, where that was measured. */
  note(compute_ms: number): void;
  leave(): void;
}

type Enter = () => void;

/**
 * The way into one engine, which takes so many shards at once. Of those who work for one aggregator who waits is served in order, and before
 * all others who is in a hurry; between aggregators the shares decide.
 */
export class FairGate {
  readonly #permits: number;
  readonly #shares: EngineShares;
  readonly #waiting = new Map<string, Enter[]>();
  readonly #look = (): void => this.#admit();
  #free: number;

  constructor(permits: number, shares: EngineShares) {
    this.#permits = permits;
    this.#free = permits;
    this.#shares = shares;
  }

  /** Rejects with the signal's reason, holding nothing. */
  acquire(user: string, signal: AbortSignal, isUrgent = false): Promise<GateTurn> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const enter = (): void => {
        signal.removeEventListener("abort", leave);
        resolve(this.#enter(user));
      };
      const leave = (): void => {
        this.#remove(user, enter);
        this.#shares.giveUp(user);
        reject(signal.reason);
      };
      const queue = this.#waiting.get(user) ?? [];
      this.#waiting.set(user, queue);
      if (isUrgent) queue.unshift(enter);
      else queue.push(enter);
      signal.addEventListener("abort", leave, { once: true });
      this.#shares.wait(user);
      this.#admit();
    });
  }

  #enter(user: string): GateTurn {
    const turn = this.#shares.enter(user, this.#permits);
    let noted_ms: number | null = null;
    return {
      begin: () => this.#shares.begin(turn),
      note: (compute_ms) => {
        noted_ms = compute_ms;
      },
      leave: () => {
        this.#free += 1;
        this.#shares.end(turn, noted_ms);
        this.#admit();
      },
    };
  }

  #admit(): void {
    while (this.#free > 0 && this.#waiting.size > 0) {
      const user = this.#shares.next(this.#waiting.keys());
      if (user === null) {
        this.#shares.hold(this.#look);
        return;
      }
      this.#free -= 1;
      this.#take(user)();
    }
  }

  #take(user: string): Enter {
    const queue = this.#waiting.get(user) ?? [];
    const first = queue.shift();
    if (first === undefined) throw new Error("who is next does not wait");
    if (queue.length === 0) this.#waiting.delete(user);
    return first;
  }

  #remove(user: string, enter: Enter): void {
    const others = (this.#waiting.get(user) ?? []).filter((other) => other !== enter);
    if (others.length === 0) this.#waiting.delete(user);
    else this.#waiting.set(user, others);
  }
}
