import type { RunnerId } from "@infernet/schemas/ids";
import { credibility } from "./credibility.ts";
import type { JobProgress } from "./job-progress.ts";
import { passedBy } from "./shard-state.ts";

/** What a row is worth in any case, and what speed and a good name add at most, in ten-thousandths. */
const PAY = { work: 8_000, speed: 1_000, name: 1_000 } as const;

/**
 * What one row of a provider weighs when a job's price is shared out, in ten-thousandths:
 *
 *     weight = 8000 + 1000 speed + 1000 name
 *     speed  = min(1, median latency of the job's providers / its own latency), 1 before it has answered a shard
 *     name   = (Cr - Cr of a new provider) / (1 - Cr of a new provider), from 0 to below 1
 *
 * So the fastest with the best name earns a quarter more for the same rows than a slow stranger, and work decides the rest.
 */
export function payWeights(progress: JobProgress, runners: Iterable<RunnerId>): Map<RunnerId, number> {
  const latencies = new Map<RunnerId, number>();
  for (const [runner, tally] of progress.providers)
    if (tally.shards_committed > 0 && !progress.convicted.has(runner))
      latencies.set(runner, tally.latency_ms_total / tally.shards_committed);
  const typical = median([...latencies.values()]);
  const weightOf = (runner: RunnerId): number => {
    const own = latencies.get(runner) ?? typical;
    const speed = own <= typical ? 1 : typical / own;
    const floor = credibility(0);
    const name = (credibility(passedBy(progress, runner)) - floor) / (1 - floor);
    return PAY.work + Math.round(PAY.speed * speed + PAY.name * name);
  };
  return new Map([...runners].map((runner) => [runner, weightOf(runner)]));
}

/** The lower one of two in the middle; 0 of none. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
