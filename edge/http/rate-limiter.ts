import type { RateReading } from "./rate-limit-headers.ts";

const MINUTE_MS = 60_000;

/** A token bucket of one minute's quota, in memory: it bounds load, it does not count money. */
export class RateLimiter {
  readonly #quota: number;
  #tokens: number;
  #at_ms = 0;

  constructor(quota: number) {
    this.#quota = quota;
    this.#tokens = quota;
  }

  take(now_ms: number): RateReading {
    const per_ms = this.#quota / MINUTE_MS;
    this.#tokens = Math.min(this.#quota, this.#tokens + Math.max(0, now_ms - this.#at_ms) * per_ms);
    this.#at_ms = now_ms;
    const allowed = this.#tokens >= 1;
    if (allowed) this.#tokens -= 1;
    const reset_ms = ((allowed ? this.#quota : 1) - this.#tokens) / per_ms;
    return { allowed, quota: this.#quota, remaining: Math.floor(this.#tokens), reset_ms };
  }
}
