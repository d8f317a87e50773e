import { LIMITS } from "@infernet/schemas/limits";

/** The edge's clock, as far as its answers tell. Deadlines are in it, whatever this machine's own clock says. */
export class EdgeClock {
  readonly #onSkew: (skew_ms: number, isSkewed: boolean) => void;
  #skew_ms = 0;
  #isSkewed = false;

  /** @param onSkew told when the machine's clock turns out to be too far off, and when it is right again */
  constructor(onSkew: (skew_ms: number, isSkewed: boolean) => void) {
    this.#onSkew = onSkew;
  }

  /** Unix time in milliseconds. */
  now(): number {
    return Date.now() + this.#skew_ms;
  }

  /** What an answer that has just come says. Its way here is taken for no time at all. */
  learn(edgeNow_ms: number): void {
    this.#skew_ms = edgeNow_ms - Date.now();
    const isSkewed = Math.abs(this.#skew_ms) > LIMITS.runner_clock_skew_ms_max;
    if (isSkewed === this.#isSkewed) return;
    this.#isSkewed = isSkewed;
    this.#onSkew(this.#skew_ms, isSkewed);
  }
}
