/** A token bucket: `tokens` were left at `at_ms`. */
export interface Bucket {
  tokens: number;
  at_ms: number;
}

export interface RatePolicy {
  /** Requests in a window, and the most that may come at once. */
  quota: number;
  window_ms: number;
}

export interface RateDecision {
  bucket: Bucket;
  allowed: boolean;
  /** Whole requests that are left now. */
  remaining: number;
  /** Until the quota is whole again, or when refused, until the next request is allowed. Whole seconds, rounded up. */
  reset_seconds: number;
}

export const fullBucket = (policy: RatePolicy, now_ms: number): Bucket => ({
  tokens: policy.quota,
  at_ms: now_ms,
});

/** Takes one token if there is one. Tokens come back evenly; a clock that went back brings none. */
export function takeToken(bucket: Bucket, now_ms: number, policy: RatePolicy): RateDecision {
  const per_ms = policy.quota / policy.window_ms;
  const elapsed_ms = Math.max(now_ms - bucket.at_ms, 0);
  const available = Math.min(policy.quota, bucket.tokens + elapsed_ms * per_ms);
  const allowed = available >= 1;
  const tokens = allowed ? available - 1 : available;
  const missing = (allowed ? policy.quota : 1) - tokens;
  return {
    bucket: { tokens, at_ms: Math.max(now_ms, bucket.at_ms) },
    allowed,
    remaining: Math.floor(tokens),
    reset_seconds: Math.ceil(missing / per_ms / 1_000),
  };
}
