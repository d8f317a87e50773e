import { InfernetError } from "@infernet/schemas/errors";
import type { Context } from "hono";
import type { AppEnv } from "./app-env.ts";

/** What a limiter says about one request. */
export interface RateReading {
  allowed: boolean;
  /** Requests a minute. */
  quota: number;
  /** Requests that would still be let through now. */
  remaining: number;
  /** Until the next request is let through (when refused), or the quota is whole again. */
  reset_ms: number;
}

/**
 * Tells the caller where it stands: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers) on every
 * answer, and `Retry-After` with the refusal. Throws `rate_limited`.
 */
export function applyRateLimit(c: Context<AppEnv>, policy: "account" | "runner", rate: RateReading): void {
  const reset_seconds = Math.ceil(rate.reset_ms / 1000);
  const headers = {
    "RateLimit-Policy": `"${policy}";q=${rate.quota};w=60`,
    RateLimit: `"${policy}";r=${rate.remaining};t=${reset_seconds}`,
  };
  if (!rate.allowed) {
    throw new InfernetError(
      "rate_limited",
      `This ${policy} may send ${rate.quota} requests a minute; the next is let through in ${reset_seconds} s.`,
      { headers: { ...headers, "Retry-After": String(Math.max(1, reset_seconds)) } },
    );
  }
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
}
