import type { RunnerId } from "@infernet/schemas/ids";
import type { ReturnedFact } from "@infernet/schemas/job-fact";
import { type HeldLease, isOpen, type JobProgress } from "./job-progress.ts";

/**
 * The facts that send expired leases back to the queue, one for each runner.
 *
 * @param expiresAt when a lease really ends, in Unix ms: its own time or a later one that a heartbeat gave it
 */
export function decideExpiries(
  progress: JobProgress,
  now_ms: number,
  expiresAt: (lease: HeldLease) => number,
): ReturnedFact[] {
  if (!isOpen(progress)) return [];
  const expired = new Map<RunnerId, number[]>();
  for (const [index, shard] of progress.shards.entries()) {
    for (const lease of shard.leases) {
      if (expiresAt(lease) > now_ms) continue;
      expired.set(lease.runner, [...(expired.get(lease.runner) ?? []), index]);
    }
  }
  return [...expired].map(([runner, shards]) => ({
    kind: "returned",
    runner,
    reason: "expired",
    shards,
    code: null,
    detail: null,
  }));
}
