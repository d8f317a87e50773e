import type { RunnerId } from "@infernet/schemas/ids";
import { LATENCY_BUCKETS, type LatencyHistogram } from "@infernet/schemas/provider";
import type { JobProgress, ProviderTally } from "./job-progress.ts";

const NOTHING: ProviderTally = {
  shards_committed: 0,
  rows_committed: 0,
  shards_failed: 0,
  shards_expired: 0,
  audits_passed: 0,
  rows_audited: 0,
  audits_made: 0,
  latency: Array.from({ length: LATENCY_BUCKETS }, () => 0),
  latency_ms_total: 0,
  compute_ms_total: 0,
};

type Counts = Omit<ProviderTally, "latency">;

/** The progress with a provider's counts changed by these. */
export function bump(progress: JobProgress, runner: RunnerId, by: Partial<Counts>): JobProgress {
  const tally = { ...(progress.providers.get(runner) ?? NOTHING) };
  for (const [key, change] of Object.entries(by) as [keyof Counts, number][]) tally[key] += change;
  return { ...progress, providers: new Map(progress.providers).set(runner, tally) };
}

/** The same, with one more time from lease to commitment. */
export function bumpLatency(progress: JobProgress, runner: RunnerId, latency_ms: number): JobProgress {
  const counted = bump(progress, runner, { latency_ms_total: latency_ms });
  const tally = counted.providers.get(runner) ?? NOTHING;
  const latency: LatencyHistogram = [...tally.latency];
  const bucket = latencyBucket(latency_ms);
  latency[bucket] = (latency[bucket] ?? 0) + 1;
  return { ...counted, providers: new Map(counted.providers).set(runner, { ...tally, latency }) };
}

export const latencyBucket = (latency_ms: number): number =>
  Math.min(LATENCY_BUCKETS - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, latency_ms)))));
