import { type Bucket, fullBucket, type RateDecision, takeToken } from "@infernet/protocol/rate-limit";
import type { RunnerId } from "@infernet/schemas/ids";
import { BoundedCache } from "./bounded-cache.ts";
import { RATE_POLICIES } from "./rate-policies.ts";

const buckets = new BoundedCache<RunnerId, Bucket>({ entries_max: 16_384, age_ms_max: 600_000 });

/**
 * Counts a runner's request in this isolate. Runners speak to one place and keep their connection, so an isolate sees
 * nearly all of a runner's requests, and no storage is asked.
 */
export function takeRunnerToken(runner: RunnerId, now_ms: number): RateDecision {
  const policy = RATE_POLICIES.runner;
  const decision = takeToken(buckets.get(runner, now_ms) ?? fullBucket(policy, now_ms), now_ms, policy);
  buckets.set(runner, decision.bucket, now_ms);
  return decision;
}
