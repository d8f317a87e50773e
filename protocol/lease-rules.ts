import type { RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import { LIMITS } from "@infernet/schemas/limits";
import { isNew } from "./credibility.ts";
import { isFinal, isOpen, type JobProgress, type ShardProgress, shardAt } from "./job-progress.ts";
import { chooseTest } from "./probe-rules.ts";
import { sampleSome } from "./sample-some.ts";
import { isReady, passedInJob } from "./shard-state.ts";

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
  /** From 0 to below 1, at random: which shards the runner gets, and whether one of them is to test it. */
  chance: number;
  now_ms: number;
  deadline_ms: number;
  /** Shards that this runner must not compute: begun by machines of another class. */
  barred?: ReadonlySet<number>;
  /** Shards whose holder is heard of as it works: nobody is needed beside it. */
  flowing?: ReadonlySet<number>;
}

const NONE: ReadonlySet<number> = new Set();

const COMPUTE = { role: "compute", of: null } as const;

/**
 * Chooses what a runner gets: first the checks that were drawn for it, then shards to compute from anywhere in the job,
 * those nobody failed on first, a fair part of what is ready; when it can take none of them one lease more on slow ones.
 * Now and then an answered shard is among them, to test it: neither its place in the job nor in the grant gives it away.
 */
export function decideLeases(progress: JobProgress, request: LeaseRequest): Task[] {
  const { runner, leases_max } = request;
  if (!isOpen(progress) || progress.convicted.has(runner)) return [];
  const checks = drawnFor(progress, request).slice(0, leases_max);
  const others = request.referee ? [] : decideOthers(progress, request, leases_max - checks.length);
  return [...checks, ...others].sort((a, b) => a.shard - b.shard);
}

/** Shards to compute, at most `leases_max`, perhaps with a test among them. */
function decideOthers(progress: JobProgress, request: LeaseRequest, leases_max: number): Task[] {
  if (leases_max === 0 || isUnreliable(progress, request)) return [];
  const computes = decideComputes(progress, { ...request, leases_max });
  if (computes.length === 0 || isFinal(progress.state)) return computes;
  const test = chooseTest(progress, request, computes.length);
  if (test === null) return computes;
  // In the place of a shard where there are several, so that it does not show in their number.
  return computes.length > 1 || leases_max === 1 ? [...computes.slice(1), test] : [...computes, test];
}

/** The checks that wait for this runner: of one shard one at a time, and none that it gave back just now. */
function drawnFor(progress: JobProgress, request: LeaseRequest): Task[] {
  const { runner } = request;
  return (progress.index.drawn.get(runner) ?? []).flatMap((shard) => {
    const held = shardAt(progress.shards, shard);
    if (held.leases.some((lease) => lease.runner === runner) || isResting(held, request)) return [];
    const check = held.checks.find((one) => one.runner === runner && one.state === "drawn");
    return check === undefined ? [] : [{ shard, role: check.role, of: check.of }];
  });
}

/** Runners that checks wait for. */
export const listDrawn = (progress: JobProgress): RunnerId[] =>
  isOpen(progress) ? [...progress.index.drawn.keys()] : [];

/** Shards that wait for a runner to compute them. */
export const countReady = (progress: JobProgress): number => (isOpen(progress) ? progress.index.ready : 0);

function decideComputes(progress: JobProgress, request: LeaseRequest): Task[] {
  const allowed = probationRoom(progress, request);
  const shards = takeReady(progress, request, allowed);
  const chosen = shards.length > 0 ? shards : decideHedges(progress, request).slice(0, allowed);
  return chosen.map((shard) => ({ shard, ...COMPUTE }));
}

function takeReady(progress: JobProgress, request: LeaseRequest, allowed: number): number[] {
  const { ready } = progress.index;
  if (ready === 0) return [];
  const open: number[] = [];
  const retries: number[] = [];
  for (const [index, shard] of progress.shards.entries())
    if (isReady(shard) && !request.barred?.has(index) && mayTake(progress, shard, request))
      (shard.failures.length === 0 ? open : retries).push(index);
  const count = Math.min(allowed, request.leases_max, fairShare(ready, request.runners));
  const chosen = sampleSome(open, count, request.chance);
  return [...chosen, ...retries.slice(0, count - chosen.length)];
}

/** Shards that a provider may still get of this job: a new one a small part, while there are others to do the rest. */
function probationRoom(progress: JobProgress, { runner, passed }: LeaseRequest): number {
  if (!isNew(passed + passedInJob(progress, runner))) return Number.POSITIVE_INFINITY;
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

/**
 * Shards for one of several runners: an equal part of what is left, so the parts shrink towards the end and all finish
 * at about the same time (guided self-scheduling, Polychronopoulos and Kuck 1987). Each grant is a row on the bill.
 */
export function fairShare(ready: number, runners: number): number {
  return Math.max(1, Math.ceil(ready / Math.max(1, runners)));
}

/** Slow shards that this runner may compute beside their holder. */
function decideHedges(progress: JobProgress, request: LeaseRequest): number[] {
  const slow = listSlow(progress, request.now_ms, request.deadline_ms, request.flowing);
  const mine = slow.filter(
    (index) => !request.barred?.has(index) && mayTake(progress, shardAt(progress.shards, index), request),
  );
  return mine.slice(0, Math.min(request.leases_max, fairShare(slow.length, request.runners)));
}

/**
 * Shards worth one lease more: stragglers, and all that are out as the deadline nears. A hedge that is slow itself is
 * hedged in turn, each time later, so that no number of runners that only send heartbeats holds a shard for good.
 */
export function listSlow(
  progress: JobProgress,
  now_ms: number,
  deadline_ms: number,
  flowing: ReadonlySet<number> = NONE,
): number[] {
  if (!isOpen(progress) || progress.index.unanswered === progress.index.ready) return [];
  if (progress.index.unanswered === 0) return [];
  const latency_ms = typicalLatency(progress);
  const age_ms = Math.max(HEDGE_AGE_MS_MIN, HEDGE_LATENCIES * latency_ms);
  const hurried =
    !isFinal(progress.state) && deadline_ms - now_ms < 2 * Math.max(latency_ms, HEDGE_AGE_MS_MIN);
  const slow: number[] = [];
  for (const [index, shard] of progress.shards.entries()) {
    if (shard.answer !== null || shard.leases.length === 0 || flowing.has(index)) continue;
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
  if (shard.failures.length === 0) return false;
  const failures = shard.failures.filter((failure) => failure.runner === runner);
  return failures.length >= LIMITS.shard_failures_max;
}

/** A runner computes a shard once, and waits before it tries again what it gave back. */
function mayTake({ plan }: JobProgress, shard: ShardProgress, request: LeaseRequest): boolean {
  const { runner } = request;
  if (shard.leases.some((lease) => lease.runner === runner)) return false;
  if (shard.past.some(({ answer }) => answer.runner === runner)) return false;
  if (isExhausted(shard, runner)) return false;
  // A client reads along: who comes back goes on with its own stream at once where nobody else could.
  const isAlone = plan.streamed === true && request.runners <= 1;
  const hasFailed = shard.failures.some((failure) => failure.runner === runner);
  return (isAlone && !hasFailed) || !isResting(shard, request);
}

/**
 * Whether a runner has failed on so much more than it has done that it has to wait, each time twice as long: else a few that
 * fail at once would be given every shard while those that work are at work.
 */
function isUnreliable(progress: JobProgress, { runner, now_ms }: LeaseRequest): boolean {
  const tally = progress.providers.get(runner);
  if (tally === undefined) return false;
  const excess = tally.shards_failed - tally.shards_committed - tally.audits_made - LIMITS.shard_failures_max;
  if (excess < 0) return false;
  const rest_ms = Math.min(LIMITS.lease_ms_max, RETRY_SAME_RUNNER_MS * 2 ** (1 + excess));
  return progress.shards.some(({ returned }) => now_ms - (returned.get(runner) ?? -rest_ms) < rest_ms);
}

/** Whether a runner gave a shard back so lately that others come first. */
function isResting(shard: ShardProgress, { runner, now_ms }: LeaseRequest): boolean {
  const returned_ms = shard.returned.get(runner);
  return returned_ms !== undefined && now_ms - returned_ms < RETRY_SAME_RUNNER_MS;
}
