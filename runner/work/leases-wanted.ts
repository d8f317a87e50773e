import { LIMITS } from "@infernet/schemas/limits";

export interface Holding {
  /** Leases whose shards are not computed yet. */
  working: number;
  /** All leases, those with results not yet acknowledged included. */
  held: number;
  /** Mean time from one finished shard to the next while there is work; null before the first. */
  shard_ms_mean: number | null;
}

/**
 * How many more leases to ask for; 0 means not now. Enough are held to cover a second of work, so that the engine never
 * waits for the network, and no more, since what one runner holds others cannot work on. Asking waits until half of
 * them are used up: many leases in one answer cost one request. Of short shards two full answers are held, so that each
 * poll asks for a full one.
 */
export function decideLeasesWanted({ working, held, shard_ms_mean }: Holding): number {
  const cover = Math.ceil(
    LIMITS.runner_work_ahead_ms / Math.max(1, shard_ms_mean ?? Number.POSITIVE_INFINITY),
  );
  const target = Math.min(2 * LIMITS.leases_per_poll_max, Math.max(LIMITS.runner_leases_min, cover));
  const room = LIMITS.leases_per_runner_max - held;
  const missing = Math.min(target - working, room, LIMITS.leases_per_poll_max);
  return missing >= target / 2 ? missing : 0;
}
