import { type JobProgress, type ShardProgress, validCommitments } from "../job-progress.ts";

const RANK = { queued: 0, running: 1, verifying: 2, succeeded: 3, failed: 3, canceled: 3, expired: 3 };

function assert(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(`broken: ${rule}`);
}

/** What must hold between a job's progress before and after any fact. */
export function assertStep(before: JobProgress, after: JobProgress): void {
  assert(after.seq === before.seq + 1, "facts are numbered without a gap");
  assert(RANK[after.state] >= RANK[before.state], "a state only moves forward");
  for (const [state, at_ms] of Object.entries(before.timestamps)) {
    assert(
      Object.entries(after.timestamps).some(([s, at]) => s === state && at === at_ms),
      "a timestamp is set once",
    );
  }
  assert(after.state in after.timestamps, "the present state has its timestamp");
  for (const runner of before.convicted) assert(after.convicted.has(runner), "a conviction is for good");
  for (const [index, shard] of after.shards.entries())
    assertShard(before, before.shards[index], after, shard);
}

function assertShard(
  progress: JobProgress,
  before: ShardProgress | undefined,
  after: JobProgress,
  shard: ShardProgress,
): void {
  assert(before !== undefined, "the number of shards never changes");
  assert(before.accepted === null || before.accepted === shard.accepted, "a shard is accepted once");
  assert(!before.disputed || shard.disputed, "a dispute is not forgotten");
  const kept = shard.commitments.slice(0, before.commitments.length);
  assert(
    kept.every((commitment, n) => commitment === before.commitments[n]),
    "a commitment is never changed",
  );
  assertDistinct(shard.commitments, "one runner commits once to a shard");
  assertDistinct(shard.leases, "one runner holds one lease on a shard");
  assert(shard.accepted === null || shard.leases.length === 0, "an accepted shard has no leases");
  assert(!shard.leases.some((lease) => after.convicted.has(lease.runner)), "the convicted hold no leases");
  const isFirst = validCommitments(progress, before).length === 0;
  const hasAnswer = shard.commitments.length > before.commitments.length;
  assert(!isFirst || !hasAnswer || shard.leases.length === 0, "the first answer clears the leases beside it");
}

function assertDistinct(items: readonly { runner: string }[], rule: string): void {
  assert(new Set(items.map((item) => item.runner)).size === items.length, rule);
}
