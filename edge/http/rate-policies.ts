import type { RatePolicy } from "@infernet/protocol/rate-limit";
import { LIMITS } from "@infernet/schemas/limits";

const MINUTE_MS = 60_000;

/** How many requests each kind of caller may send. */
export const RATE_POLICIES = {
  account: { quota: LIMITS.requests_per_minute_account, window_ms: MINUTE_MS },
  visitor: { quota: LIMITS.requests_per_minute_visitor, window_ms: MINUTE_MS },
  runner: { quota: LIMITS.requests_per_minute_runner, window_ms: MINUTE_MS },
} satisfies Record<string, RatePolicy>;
