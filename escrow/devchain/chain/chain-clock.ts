export interface ChainClockOptions {
  slot_ms: number;
  first_slot: number;
  /** Milliseconds that never run backwards. */
  monotonic_ms: () => number;
  /** Milliseconds since 1970. */
  wall_ms: () => number;
}

/**
 * The time of the chain: real time, plus whatever it was warped forward by. Warping moves slots as well, so that a
 * blockhash ages as it would have.
 */
export class ChainClock {
  readonly #options: ChainClockOptions;
  readonly #started_ms: number;
  #warped_ms = 0;

  constructor(options: ChainClockOptions) {
    this.#options = options;
    this.#started_ms = options.monotonic_ms();
  }

  slot(): number {
    const { slot_ms, first_slot, monotonic_ms } = this.#options;
    return first_slot + Math.floor((monotonic_ms() - this.#started_ms + this.#warped_ms) / slot_ms);
  }

  /** Unix seconds, of now or of another slot. */
  unix_s(slot = this.slot()): number {
    const ago_ms = (this.slot() - slot) * this.#options.slot_ms;
    return Math.floor((this.#options.wall_ms() + this.#warped_ms - ago_ms) / 1000);
  }

  warp(seconds: number): void {
    this.#warped_ms += seconds * 1000;
  }
}
