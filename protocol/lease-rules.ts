import type { RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import { isNew } from "./credibility.ts";
import { isFinal, isOpen, type JobProgress, type ShardProgress, shardAt } from "./job-progress.ts";
import { choosePlant, chooseProbe } from "./probe-rules.ts";
import { isReady } from "./shard-state.ts";

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
  /** Checks that the runner has passed, by its ledger. */
  passed: number;
  /** Whether it decides disagreements and does nothing else. */
  referee: boolean;
  /** From 0 to below 1, at random: whether the runner is tested this time, and on which shard. */
  chance: number;
  now_ms: number;
  deadline_ms: number;
}

const COMPUTE = { role: "compute", of: null } as const;

/**
 * Chooses what a runner gets: first the checks that were drawn for it, then shards to compute in row order, those nobody
 * failed on first, a fair part of what is ready; when it can take none of them one lease more on slow ones. Now and then
 * an answered shard is among them, to test it.
 */
export function decideLeases(progress: JobProgress, request: LeaseRequest): Task[] {
  const { runner, leases_max, referee } = request;
  if (!isOpen(progress) || progress.convicted.has(runner)) return [];
  const checks = drawnFor(progress, runner).slice(0, leases_max);
  if (referee || checks.length === leases_max) return checks;
  const computes = decideComputes(progress, { ...request, leases_max: leases_max - checks.length });
  if (computes.length === 0 || isFinal(progress.state)) return [...checks, ...computes];
  const test = choosePlant(progress, request) ?? chooseProbe(progress, request);
  const tasks = [...checks, ...computes];
  if (test === null) return tasks;
  // In the place of a shard where there are several, so that it does not show in their number.
  return computes.length > 1 || tasks.length === leases_max
    ? [...tasks.slice(0, -1), test]
    : [...tasks, test];
}

/** The checks that wait for this runner. */
function drawnFor(progress: JobProgress, runner: RunnerId): Task[] {
  const shards = progress.index.drawn.get(runner) ?? [];
  return shards.flatMap((shard) =>
    shardAt(progress.shards, shard)
      .checks.filter((check) => check.runner === runner && check.state === "drawn")
      .map(({ role, of }) => ({ shard, role, of })),
  );
}

/** Runners that checks wait for. */
export const listDrawn = (progress: JobProgress): RunnerId[] =>
  isOpen(progress) ? [...progress.index.drawn.keys()] : [];

/** Shards that wait for a runner to compute them. */
export const countReady = (progress: JobProgress): number => (isOpen(progress) ? progress.index.ready : 0);

function decideComputes(progress: JobProgress, request: LeaseRequest): Task[] {
  const open: number[] = [];
  const retries: number[] = [];
  const { ready } = progress.index;
  // Enough for this grant is enough: the others are for later ones.
  for (
    let index = 0;
    ready > 0 && index < progress.shards.length && open.length < request.leases_max;
    index += 1
  ) {
    const shard = shardAt(progress.shards, index);
    if (isReady(shard) && mayTake(shard, request)) (shard.failures.length === 0 ? open : retries).push(index);
  }
  const allowed = probationRoom(progress, request);
  const chosen = takeShare([...open, ...retries], ready, request).slice(0, allowed);
  const shards = chosen.length > 0 ? chosen : decideHedges(progress, request).slice(0, allowed);
  return shards.map((shard) => ({ shard, ...COMPUTE }));
}

/** Shards that a provider may still get of this job: a new one a small part, while there are others to do the rest. */
function probationRoom(progress: JobProgress, { runner, passed }: LeaseRequest): number {
  const tally = progress.providers.get(runner);
  if (!isNew(passed + (tally?.audits_passed ?? 0))) return Number.POSITIVE_INFINITY;
  const others = [...progress.known.values()].some(
    (entry) =>
      entry.id !== runner && !entry.referee && !isNew(entry.passed) && !progress.convicted.has(entry.id),
  );
  if (!others) return Number.POSITIVE_INFINITY;
  let held = 0;
  for (const shard of progress.shards) {
    if (shard.answer?.runner === runner) held += 1;
    for (const lease of shard.leases) if (lease.runner === runner && lease.role === "compute") held += 1;
  }
  return Math.max(0, Math.max(1, Math.floor(progress.plan.shards * LIMITS.probation_share_max)) - held);
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
    if (shard.answer !== null || shard.leases.length === 0) continue;
    const hedges = shard.leases.length - 1;
    const old = shard.leases.filter((lease) => now_ms - lease.granted_ms > (1 + hedges) * age_ms);
    if ((hurried && hedges === 0) || old.length > hedges) slow.push(index);
  }
  return slow;
}

/** Mean time from lease to commitment in this job so far, in ms; before the first a guess that hedges after a lease time. */
export function typicalLatency(progress: JobProgress): number {
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

/** A runner computes a shard once, and waits before it tries again what it gave back. */
function mayTake(shard: ShardProgress, { runner, now_ms }: LeaseRequest): boolean {
  if (shard.leases.some((lease) => lease.runner === runner)) return false;
  if (shard.past.some(({ answer }) => answer.runner === runner)) return false;
  if (isExhausted(shard, runner)) return false;
  const returned_ms = shard.returned.get(runner);
  return returned_ms === undefined || now_ms - returned_ms >= RETRY_SAME_RUNNER_MS;
}
