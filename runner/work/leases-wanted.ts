import { LIMITS } from "@infernet/schemas/limits";

export interface Holding {
  /** Leases whose shards are not computed yet, those of completions left out. */
  working: number;
  /** All leases, those with results not yet acknowledged included. */
  held: number;
  /** Mean time from one finished shard to the next while there is work; null before the first. */
  shard_ms_mean: number | null;
  /** Completions that are not done yet. */
  completing: number;
  /** How many are made at once; null while no model that generates text has been loaded. */
  at_once_max: number | null;
  /** Aggregators that have work for this machine now, this one included. */
  sharing: number;
}

/**
 * How many more leases to ask for; 0 means not now. Enough are held to cover a second of work, so that the engine never
 * waits for the network, and no more, since what one runner holds others cannot work on. Asking waits until half of
 * them are used up: many leases in one answer cost one request. Of short shards two full answers are held, so that each
 * poll asks for a full one.
 *
 * Completions are worked side by side, and somebody waits for each word of them: while there are any, as many are asked for as
 * can begin at once, without delay, and none ahead.
 *
 * Where several aggregators share the machine each has a part of its time, so that less of each is wanted.
 */
export function decideLeasesWanted(holding: Holding): number {
  const { working, held, shard_ms_mean, completing, at_once_max, sharing } = holding;
  const each_ms = Math.max(1, shard_ms_mean ?? Number.POSITIVE_INFINITY) * sharing;
  const cover = Math.ceil(LIMITS.runner_work_ahead_ms / each_ms);
  const least = Math.ceil(LIMITS.runner_leases_min / sharing);
  const target = Math.min(2 * LIMITS.leases_per_poll_max, Math.max(least, cover));
  const most = Math.min(LIMITS.leases_per_runner_max - held, LIMITS.leases_per_poll_max);
  const missing = Math.min(target - working, most);
  if (completing === 0) return missing >= target / 2 ? missing : 0;
  // What comes may be either, and there has to be room for it.
  const places = Math.ceil((at_once_max ?? LIMITS.runner_leases_min) / sharing) - completing;
  return working < target ? Math.max(0, Math.min(places, most)) : 0;
}
