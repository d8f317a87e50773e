import { summarizeDemand } from "@infernet/protocol/summarize-demand";
import type { Demand } from "@infernet/schemas/demand";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { listBuckets } from "./buckets.ts";

/** What waits for runners in all dispatchers, for one runner to see. */
export async function readDemand(env: Env, runner: RunnerId): Promise<Demand> {
  const all = await Promise.all(
    listBuckets(env).map(async (bucket) => {
      const [stats, own] = await Promise.all([bucket.stats(), bucket.demand(runner)]);
      return { ...stats, ...own };
    }),
  );
  const entries = summarizeDemand(all.flatMap(({ jobs }) => jobs));
  const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0);
  return {
    object: "demand",
    duty: all.map(({ duty }) => duty).find((duty) => duty !== null) ?? null,
    runners_seen: sum(all.map(({ runners_seen }) => runners_seen)),
    runners_waiting: sum(all.map(({ parked }) => parked)),
    shards_waiting: sum(entries.map(({ shards_waiting }) => shards_waiting)),
    data: entries.slice(0, LIMITS.demand_entries_max),
  };
}
