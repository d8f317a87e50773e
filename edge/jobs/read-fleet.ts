import type { Need } from "@infernet/protocol/match";
import { listBuckets } from "../dispatcher/buckets.ts";
import type { Fleet } from "../dispatcher/exchange.ts";

/** The runners of all dispatchers, held against what a job needs. */
export async function readFleet(env: Env, need: Need): Promise<Fleet> {
  const fleets = await Promise.all(listBuckets(env).map((bucket) => bucket.fleet(need)));
  const counts = new Map<string, number>();
  for (const { reason, runners } of fleets.flatMap((fleet) => fleet.mismatches)) {
    counts.set(reason, (counts.get(reason) ?? 0) + runners);
  }
  return {
    runners_capable: fleets.reduce((sum, fleet) => sum + fleet.runners_capable, 0),
    mismatches: [...counts].map(([reason, runners]) => ({ reason, runners })),
  };
}
