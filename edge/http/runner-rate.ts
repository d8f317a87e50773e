import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { BoundedCache } from "./bounded-cache.ts";
import type { RateReading } from "./rate-limit-headers.ts";
import { RateLimiter } from "./rate-limiter.ts";

const limiters = new BoundedCache<RunnerId, RateLimiter>({ entries_max: 16_384, age_ms_max: 600_000 });

/**
 * Counts a runner's request in this isolate. Runners speak to one place and keep their connection, so an isolate sees
 * nearly all of a runner's requests, and no storage is asked.
 */
export function takeRunnerToken(runner: RunnerId, now_ms: number): RateReading {
  const limiter = limiters.get(runner, now_ms) ?? new RateLimiter(LIMITS.requests_per_minute_runner);
  limiters.set(runner, limiter, now_ms);
  return limiter.take(now_ms);
}
