import { formatLeaseId, partitionOf, type RunnerId } from "@infernet/schemas/ids";
import type { JobState } from "@infernet/schemas/job";
import type { CommittedFact, JobFact, LeasedFact, ReturnedFact } from "@infernet/schemas/job-fact";
import {
  type Commitment,
  isFinal,
  type JobProgress,
  type ProviderTally,
  type ShardProgress,
  shardAt,
  shardRowCount,
  validCommitments,
} from "./job-progress.ts";

const NOTHING: ProviderTally = {
  shards_committed: 0,
  rows_committed: 0,
  shards_failed: 0,
  shards_expired: 0,
  shards_agreed: 0,
  shards_outvoted: 0,
  latency_ms_total: 0,
  compute_ms_total: 0,
};

/**
 * Folds one fact into a job's progress. Facts come in order and a final state takes none: anything else is a defect of
 * the caller, told as an Error that names the state.
 */
export function applyFact(progress: JobProgress, fact: JobFact, seq: number, at_ms: number): JobProgress {
  if (seq !== progress.seq + 1) throw new Error(`fact ${seq} cannot follow fact ${progress.seq}`);
  if (isFinal(progress.state))
    throw new Error(`a job that is ${progress.state} takes no fact "${fact.kind}"`);
  const next = { ...progress, seq };
  switch (fact.kind) {
    case "leased":
      return enter(applyLeased(next, fact, seq, at_ms), "running", at_ms);
    case "committed":
      return applyCommitted(next, fact, seq, at_ms);
    case "returned":
      return applyReturned(next, fact, at_ms);
    case "succeeded":
      return { ...end(next, "succeeded", at_ms), result: fact.result };
    case "failed":
      return { ...end(next, "failed", at_ms), error: fact.error };
    case "canceled":
      return end(next, "canceled", at_ms);
    case "expired":
      return { ...end(next, "expired", at_ms), error: fact.error };
    default:
      return fact satisfies never;
  }
}

const ORDER: Readonly<Record<JobState, number>> = {
  queued: 0,
  running: 1,
  verifying: 2,
  succeeded: 3,
  failed: 3,
  canceled: 3,
  expired: 3,
};

/** States only move forward; entering an earlier one changes nothing. */
function enter(progress: JobProgress, state: JobState, at_ms: number): JobProgress {
  if (ORDER[state] <= ORDER[progress.state]) return progress;
  return { ...progress, state, timestamps: { ...progress.timestamps, [state]: at_ms } };
}

/** With the job end its leases. */
function end(progress: JobProgress, state: JobState, at_ms: number): JobProgress {
  const shards = progress.shards.map((shard) => (shard.leases.length > 0 ? { ...shard, leases: [] } : shard));
  return enter({ ...progress, shards }, state, at_ms);
}

function applyLeased(progress: JobProgress, fact: LeasedFact, seq: number, at_ms: number): JobProgress {
  const partition = partitionOf(progress.plan.job_id);
  const shards = [...progress.shards];
  for (const [n, shard] of fact.shards.entries()) {
    const id = formatLeaseId(partition, fact.grant, n);
    const lease = { id, runner: fact.runner, granted_ms: at_ms, expires_ms: fact.expires_ms };
    const before = shardAt(shards, shard);
    shards[shard] = { ...before, leases: [...before.leases, lease] };
  }
  const grant = { runner: fact.runner, shards: fact.shards, at_ms, seq };
  return { ...progress, shards, grants: new Map(progress.grants).set(fact.grant, grant) };
}

function applyCommitted(progress: JobProgress, fact: CommittedFact, seq: number, at_ms: number): JobProgress {
  const shards = [...progress.shards];
  const tally = { ...(progress.providers.get(fact.runner) ?? NOTHING) };
  for (const result of fact.results) {
    const before = shardAt(shards, result.shard);
    const counting = validCommitments(progress, before).length;
    const commitment: Commitment = {
      runner: fact.runner,
      at_ms,
      seq,
      output_sha256: result.output_sha256,
      output_bytes: result.output_bytes,
      blob: result.blob,
      execution_class: result.execution_class,
      agrees_with: result.agrees_with,
    };
    tally.shards_committed += 1;
    tally.rows_committed += shardRowCount(progress.plan, result.shard);
    tally.latency_ms_total += Math.max(0, at_ms - leasedAt(progress, fact.runner, result.shard));
    tally.compute_ms_total += result.compute_ms;
    shards[result.shard] = {
      ...before,
      // Whoever was computing beside the first answer (a hedge) was not chosen after it, so cannot vouch for it.
      leases: counting === 0 ? [] : before.leases.filter((lease) => lease.runner !== fact.runner),
      commitments: [...before.commitments, commitment],
      disputed: before.disputed || result.agrees_with.length < counting,
    };
  }
  const providers = new Map(progress.providers).set(fact.runner, tally);
  const convicted = new Set(progress.convicted);
  for (const verdict of fact.verdicts) {
    shards[verdict.shard] = { ...shardAt(shards, verdict.shard), accepted: verdict.accepted, leases: [] };
    if (verdict.agreed.length > 1) {
      for (const runner of verdict.agreed) bump(providers, runner, "shards_agreed");
    }
    for (const runner of verdict.outvoted) {
      bump(providers, runner, "shards_outvoted");
      convicted.add(runner);
    }
  }
  const next = {
    ...progress,
    shards: withoutLeasesOf(shards, convicted, progress.convicted),
    providers,
    convicted,
  };
  return next.shards.every((shard) => validCommitments(next, shard).length > 0)
    ? enter(next, "verifying", at_ms)
    : next;
}

/** A provider that has just been convicted loses the shards it holds. */
function withoutLeasesOf(
  shards: readonly ShardProgress[],
  convicted: ReadonlySet<RunnerId>,
  before: ReadonlySet<RunnerId>,
): readonly ShardProgress[] {
  if (convicted.size === before.size) return shards;
  return shards.map((shard) =>
    shard.leases.some((lease) => convicted.has(lease.runner))
      ? { ...shard, leases: shard.leases.filter((lease) => !convicted.has(lease.runner)) }
      : shard,
  );
}

function applyReturned(progress: JobProgress, fact: ReturnedFact, at_ms: number): JobProgress {
  const shards = [...progress.shards];
  const providers = new Map(progress.providers);
  for (const shard of fact.shards) {
    const before = shardAt(shards, shard);
    const leases = before.leases.filter((lease) => lease.runner !== fact.runner);
    // What is given back must be held: else one machine could report a failure again and again until the job gives up.
    if (leases.length === before.leases.length) continue;
    const { runner, code, detail } = fact;
    const failures =
      code === null ? before.failures : [...before.failures, { runner, at_ms, code, detail: detail ?? "" }];
    const returned = new Map(before.returned).set(runner, at_ms);
    shards[shard] = { ...before, leases, failures, returned };
    if (fact.reason === "failed") bump(providers, fact.runner, "shards_failed");
    if (fact.reason === "expired") bump(providers, fact.runner, "shards_expired");
  }
  return { ...progress, shards, providers };
}

/** When a runner was last given a shard, held or lost since: an answer after its lease has ended was slow, not instant. */
function leasedAt(progress: JobProgress, runner: RunnerId, shard: number): number {
  const lease = shardAt(progress.shards, shard).leases.find((held) => held.runner === runner);
  if (lease !== undefined) return lease.granted_ms;
  const grants = [...progress.grants.values()];
  const last = grants.findLast((grant) => grant.runner === runner && grant.shards.includes(shard));
  if (last === undefined) throw new Error(`${runner} was never given shard ${shard}`);
  return last.at_ms;
}

function bump(providers: Map<RunnerId, ProviderTally>, runner: RunnerId, key: keyof ProviderTally): void {
  const tally = providers.get(runner) ?? NOTHING;
  providers.set(runner, { ...tally, [key]: tally[key] + 1 });
}
