import type { RateDecision } from "@infernet/protocol/rate-limit";
import { InfernetError } from "@infernet/schemas/errors";
import type { Context } from "hono";
import type { AppEnv } from "./app-env.ts";
import { RATE_POLICIES } from "./rate-policies.ts";

/**
 * Tells the caller where it stands: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers) on every
 * answer, and `Retry-After` with the refusal. Throws `rate_limited`.
 */
export function applyRateLimit(
  c: Context<AppEnv>,
  caller: keyof typeof RATE_POLICIES,
  decision: RateDecision,
): void {
  const { quota, window_ms } = RATE_POLICIES[caller];
  const { allowed, remaining, reset_seconds } = decision;
  const headers = {
    "RateLimit-Policy": `"${caller}";q=${quota};w=${window_ms / 1000}`,
    RateLimit: `"${caller}";r=${remaining};t=${reset_seconds}`,
  };
  if (!allowed) {
    throw new InfernetError(
      "rate_limited",
      `This ${caller} may send ${quota} requests in ${window_ms / 1000} s; the next is let through in ${reset_seconds} s.`,
      { headers: { ...headers, "Retry-After": String(Math.max(1, reset_seconds)) } },
    );
  }
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
}
