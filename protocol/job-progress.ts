import type { JobId, LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { JobResult, JobState } from "@infernet/schemas/job";
import type { Problem } from "@infernet/schemas/problem";
import type { FailureCode } from "@infernet/schemas/runner";

/** What never changes about the work of a job. */
export interface JobPlan {
  job_id: JobId;
  rows: number;
  shard_rows: number;
  shards: number;
  /** Agreeing providers that a shard needs; 1 means that the first answer stands. */
  replicas: number;
}

export interface Grant {
  runner: RunnerId;
  shards: readonly number[];
  at_ms: number;
  /** The fact that made it: what came before what is told by facts, as one millisecond holds many. */
  seq: number;
}

export interface HeldLease {
  id: LeaseId;
  runner: RunnerId;
  granted_ms: number;
  expires_ms: number;
}

export interface Commitment {
  runner: RunnerId;
  at_ms: number;
  /** The fact beside which the output lies. */
  seq: number;
  output_sha256: string;
  output_bytes: number;
  blob: boolean;
  execution_class: string;
  /** Providers whose earlier commitment to this shard says the same. */
  agrees_with: readonly RunnerId[];
}

export interface ShardFailure {
  runner: RunnerId;
  at_ms: number;
  code: FailureCode;
  detail: string;
}

export interface ShardProgress {
  leases: readonly HeldLease[];
  commitments: readonly Commitment[];
  failures: readonly ShardFailure[];
  /** When each runner last failed on it, handed it back or let its lease expire, in Unix ms. */
  returned: ReadonlyMap<RunnerId, number>;
  /** The runner whose output stands. */
  accepted: RunnerId | null;
  /** Whether two providers ever differed on it. */
  disputed: boolean;
}

/** What one provider did in this job. */
export interface ProviderTally {
  shards_committed: number;
  rows_committed: number;
  shards_failed: number;
  shards_expired: number;
  shards_agreed: number;
  shards_outvoted: number;
  /** Sum over commitments of the time from lease to commitment. */
  latency_ms_total: number;
  compute_ms_total: number;
}

export interface JobProgress {
  plan: JobPlan;
  state: JobState;
  /** Number of the last fact; 0 when there is none yet. */
  seq: number;
  shards: readonly ShardProgress[];
  /** Who was granted which shards by which grant, to tell a late answer from a stranger's. */
  grants: ReadonlyMap<string, Grant>;
  providers: ReadonlyMap<RunnerId, ProviderTally>;
  /** Providers outvoted by a quorum: they get no more of this job, and their undecided commitments do not count. */
  convicted: ReadonlySet<RunnerId>;
  timestamps: Readonly<Partial<Record<JobState, number>>>;
  result: JobResult | null;
  error: Problem | null;
}

const FRESH: ShardProgress = {
  leases: [],
  commitments: [],
  failures: [],
  returned: new Map(),
  accepted: null,
  disputed: false,
};

export function createProgress(plan: JobPlan, queued_ms: number): JobProgress {
  return {
    plan,
    state: "queued",
    seq: 0,
    shards: Array.from({ length: plan.shards }, () => FRESH),
    grants: new Map(),
    providers: new Map(),
    convicted: new Set(),
    timestamps: { queued: queued_ms },
    result: null,
    error: null,
  };
}

export const isFinal = (state: JobState): boolean =>
  state === "succeeded" || state === "failed" || state === "canceled" || state === "expired";

/** Rows of one shard: all shards are alike but the last. */
export function shardRowCount(plan: JobPlan, shard: number): number {
  return Math.min(plan.shard_rows, plan.rows - shard * plan.shard_rows);
}

/** Commitments that still count: those of providers that no quorum has outvoted. */
export function validCommitments(progress: JobProgress, shard: ShardProgress): readonly Commitment[] {
  if (progress.convicted.size === 0) return shard.commitments;
  return shard.commitments.filter((commitment) => !progress.convicted.has(commitment.runner));
}

export function shardAt(shards: readonly ShardProgress[], shard: number): ShardProgress {
  const found = shards[shard];
  if (found === undefined) throw new Error(`there is no shard ${shard}: the job has ${shards.length}`);
  return found;
}
