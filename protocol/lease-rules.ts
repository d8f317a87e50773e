import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { isFinal, type JobProgress, type ShardProgress, shardAt, validCommitments } from "./job-progress.ts";

/**
 * Time that must pass before a runner that failed on a shard, handed it back or lost it is given it again, in ms; others
 * may have it at once. Without it a runner that gives back and asks again at once would keep a shard from all others.
 */
const RETRY_SAME_RUNNER_MS = 2_000;
/** A shard is leased a second time when its lease is older than this many typical latencies. */
const HEDGE_LATENCIES = 3;
const HEDGE_AGE_MS_MIN = 2_000;

export interface LeaseRequest {
  runner: RunnerId;
  leases_max: number;
  /** Runners that could take this job's shards: the grant leaves some for each. */
  runners: number;
  now_ms: number;
  deadline_ms: number;
}

/**
 * Leases that a shard is open for now. Of a quorum's replicas only one is out before the first commitment: whoever
 * computes the second cannot know that it will be compared with a friend's.
 */
export function openLeases(progress: JobProgress, shard: ShardProgress): number {
  return Math.max(0, wantedLeases(progress, shard) - shard.leases.length);
}

/** Leases that should be out on a shard: those beyond are hedges. */
function wantedLeases(progress: JobProgress, shard: ShardProgress): number {
  if (shard.accepted !== null) return 0;
  const answered = validCommitments(progress, shard).length > 0;
  return answered ? progress.plan.replicas - largestAgreement(progress, shard) : 1;
}

/** Size of the largest group of commitments to a shard that say the same. */
export function largestAgreement(progress: JobProgress, shard: ShardProgress): number {
  const valid = validCommitments(progress, shard);
  const sizes = valid.map(
    (c) => 1 + c.agrees_with.filter((runner) => !progress.convicted.has(runner)).length,
  );
  return Math.max(0, ...sizes);
}

/** Shards that wait for a runner. */
export function countReady(progress: JobProgress): number {
  if (isFinal(progress.state)) return 0;
  let ready = 0;
  for (const shard of progress.shards) ready += openLeases(progress, shard);
  return ready;
}

/**
 * Chooses the shards that a runner gets: in row order, those nobody failed on first, a fair part of what is ready
 * (an equal share of what is left, so that the tail is spread), and when it can take none of them one lease more on slow ones.
 */
export function decideLeases(progress: JobProgress, request: LeaseRequest): number[] {
  if (isFinal(progress.state) || progress.convicted.has(request.runner)) return [];
  const open: number[] = [];
  const retries: number[] = [];
  let ready = 0;
  for (const [index, shard] of progress.shards.entries()) {
    const slots = openLeases(progress, shard);
    ready += slots;
    if (slots === 0 || !mayTake(shard, request)) continue;
    (shard.failures.length === 0 ? open : retries).push(index);
  }
  const chosen = takeShare([...open, ...retries], ready, request);
  return chosen.length > 0 ? chosen : decideHedges(progress, request);
}

function takeShare(shards: readonly number[], ready: number, request: LeaseRequest): number[] {
  return shards.slice(0, Math.min(request.leases_max, fairShare(ready, request.runners)));
}

/**
 * Shards for one of several runners: an equal part of what is left, so the parts shrink towards the end and all finish
 * at about the same time (guided self-scheduling, Polychronopoulos and Kuck 1987). Each grant is a row on the bill.
 */
export function fairShare(ready: number, runners: number): number {
  return Math.max(1, Math.ceil(ready / Math.max(1, runners)));
}

/** Slow shards that this runner may compute beside their holder. */
function decideHedges(progress: JobProgress, request: LeaseRequest): number[] {
  const slow = listSlow(progress, request.now_ms, request.deadline_ms);
  const mine = slow.filter((index) => mayTake(shardAt(progress.shards, index), request));
  return takeShare(mine, slow.length, request);
}

/**
 * Shards worth one lease more: stragglers, and all that are out as the deadline nears. A hedge that is slow itself is
 * hedged in turn, each time later, so that no number of runners that only send heartbeats holds a shard for good.
 */
export function listSlow(progress: JobProgress, now_ms: number, deadline_ms: number): number[] {
  if (isFinal(progress.state)) return [];
  const latency_ms = typicalLatency(progress);
  const age_ms = Math.max(HEDGE_AGE_MS_MIN, HEDGE_LATENCIES * latency_ms);
  const hurried = deadline_ms - now_ms < 2 * Math.max(latency_ms, HEDGE_AGE_MS_MIN);
  const slow: number[] = [];
  for (const [index, shard] of progress.shards.entries()) {
    const hedges = shard.leases.length - wantedLeases(progress, shard);
    if (shard.leases.length === 0 || hedges < 0) continue;
    const old = shard.leases.filter((lease) => now_ms - lease.granted_ms > (1 + hedges) * age_ms);
    if ((hurried && hedges === 0) || old.length > hedges) slow.push(index);
  }
  return slow;
}

/** Mean time from lease to commitment in this job so far, in ms; before the first a guess that hedges after a lease time. */
function typicalLatency(progress: JobProgress): number {
  let total = 0;
  let count = 0;
  for (const tally of progress.providers.values()) {
    total += tally.latency_ms_total;
    count += tally.shards_committed;
  }
  return count === 0 ? LIMITS.lease_ms_default / HEDGE_LATENCIES : total / count;
}

/** Whether a runner has failed on a shard so often that it gets it no more. */
export function isExhausted(shard: ShardProgress, runner: RunnerId): boolean {
  const failures = shard.failures.filter((failure) => failure.runner === runner);
  return failures.length >= LIMITS.shard_failures_max;
}

/** One provider speaks once on a shard, and waits before it tries again what it gave back. */
function mayTake(shard: ShardProgress, { runner, now_ms }: LeaseRequest): boolean {
  if (shard.leases.some((lease) => lease.runner === runner)) return false;
  if (shard.commitments.some((commitment) => commitment.runner === runner)) return false;
  if (isExhausted(shard, runner)) return false;
  const returned_ms = shard.returned.get(runner);
  return returned_ms === undefined || now_ms - returned_ms >= RETRY_SAME_RUNNER_MS;
}
