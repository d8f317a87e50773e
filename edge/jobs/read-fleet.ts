import type { Need } from "@infernet/protocol/match";
import { LIMITS } from "@infernet/schemas/limits";
import { listBuckets } from "../dispatcher/buckets.ts";
import type { Fleet } from "../dispatcher/exchange.ts";

/** The runners of all dispatchers, held against what a job needs. @param seen_within_ms how lately they were heard of */
export async function readFleet(
  env: Env,
  need: Need,
  seen_within_ms: number = LIMITS.runner_unseen_ms_max,
): Promise<Fleet> {
  const fleets = await Promise.all(listBuckets(env).map((bucket) => bucket.fleet(need, seen_within_ms)));
  const counts = new Map<string, number>();
  for (const { reason, runners } of fleets.flatMap((fleet) => fleet.mismatches)) {
    counts.set(reason, (counts.get(reason) ?? 0) + runners);
  }
  return {
    runners_capable: fleets.reduce((sum, fleet) => sum + fleet.runners_capable, 0),
    mismatches: [...counts].map(([reason, runners]) => ({ reason, runners })),
  };
}
