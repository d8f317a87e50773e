import type { Sha256 } from "@infernet/schemas/digest";
import type { KeyGrant } from "@infernet/schemas/encryption";
import type { JobId, LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { JobResult, JobState } from "@infernet/schemas/job";
import type { Begun, CommittedResult, ContradictedFact } from "@infernet/schemas/job-fact";
import type { Problem } from "@infernet/schemas/problem";
import type { LatencyHistogram } from "@infernet/schemas/provider";
import type { FailureCode } from "@infernet/schemas/runner";
import type {
  Comparison,
  Draw,
  Roster,
  RosterEntry,
  TaskRole,
  Verdict,
  VerificationPlan,
} from "@infernet/schemas/verification";
import { GrantLog } from "./grant-log.ts";

/** What never changes about the work of a job. */
export interface JobPlan {
  job_id: JobId;
  rows: number;
  shard_rows: number;
  shards: number;
  verification: VerificationPlan;
  /** Providers that a sealed job was granted to when it was posted; null or absent where it is not sealed. */
  key_grants?: readonly KeyGrant[] | null;
  /** Whether its shards are completions that are delivered as they are made. */
  streamed?: boolean;
}

export interface HeldLease {
  id: LeaseId;
  runner: RunnerId;
  role: TaskRole;
  of: RunnerId | null;
  granted_ms: number;
  expires_ms: number;
}

/** What a runner handed in for a shard, or for some rows of it. */
export interface Answer extends Omit<CommittedResult, "shard" | "comparisons"> {
  runner: RunnerId;
  at_ms: number;
  /** The fact beside which the output lies. */
  seq: number;
}

/** One check of an answer, from the draw to its outcome. */
export interface Check {
  runner: RunnerId;
  role: Exclude<TaskRole, "compute">;
  /** For a referee: the auditor whose disagreement it decides. */
  of: RunnerId | null;
  /** The draw that chose runner and rows; null for a probe, whose rows are all. */
  value: Sha256 | null;
  drawn_ms: number;
  /** The lease that it was given under, kept when that is lost; null before. Only an answer under it counts. */
  lease: LeaseId | null;
  /** `skipped`: drawn, and then too late, failed or gone. */
  state: "drawn" | "leased" | "answered" | "skipped";
  answer: Answer | null;
  comparisons: readonly Comparison[];
  /** `void`: it says nothing, because its maker was found wrong, or because nobody can tell. */
  outcome: "pending" | "passed" | "failed" | "void";
}

/** An answer that stands no more, with what was known about it. */
export interface PastAnswer {
  answer: Answer;
  checks: readonly Check[];
  draws: readonly Draw[];
  why: "convicted" | "set_aside" | "recalled";
}

export interface ShardFailure {
  runner: RunnerId;
  at_ms: number;
  code: FailureCode;
  detail: string;
}

export interface ShardProgress {
  leases: readonly HeldLease[];
  /** What stands for now. */
  answer: Answer | null;
  checks: readonly Check[];
  draws: readonly Draw[];
  /** Agreeing audits that the answer needs. */
  wanted: number;
  verdicts: readonly Verdict[];
  past: readonly PastAnswer[];
  /** The answer that the client got, once the job has succeeded. */
  delivered: Answer | null;
  /** Whether what stands now says something else than what was delivered. */
  differs: boolean;
  failures: readonly ShardFailure[];
  /** When each runner last failed on it, handed it back or let its lease expire, in Unix ms. */
  returned: ReadonlyMap<RunnerId, number>;
  /** Disagreements that nobody could decide. */
  unresolved: number;
  /** Times that a streamed completion began anew. */
  restarts: number;
}

/** What one provider did in this job. */
export interface ProviderTally {
  shards_committed: number;
  rows_committed: number;
  shards_failed: number;
  shards_expired: number;
  audits_passed: number;
  rows_audited: number;
  audits_made: number;
  /** From lease to commitment of whole shards. */
  latency: LatencyHistogram;
  latency_ms_total: number;
  compute_ms_total: number;
}

export interface Recall {
  state: "checking" | "upheld" | "revoked";
  shards: readonly number[];
  refund_micro: string;
  since_ms: number;
}

/** What follows from the shards and is asked for all the time. */
export interface ProgressIndex {
  /** Shards that wait for somebody to compute them. */
  ready: number;
  unanswered: number;
  /** Shards without an answer that has all the checks it needs at least. */
  unaccepted: number;
  /** Shards with checks that were drawn for each runner and not taken yet, ascending in time of the draw. */
  drawn: ReadonlyMap<RunnerId, readonly number[]>;
  /** Shards for which a lot has to be drawn. */
  wanting: ReadonlySet<number>;
  /** Shards with checks that somebody has taken and not answered yet. */
  taken: ReadonlySet<number>;
}

export interface JobProgress {
  plan: JobPlan;
  state: JobState;
  /** Number of the last fact; 0 when there is none yet. */
  seq: number;
  shards: readonly ShardProgress[];
  index: ProgressIndex;
  /** Who was granted which tasks, to tell a late answer from a stranger's. */
  grants: GrantLog;
  providers: ReadonlyMap<RunnerId, ProviderTally>;
  /** Of a sealed job, who can open it and with what: nobody else takes part. Null where it is not sealed. */
  keys: ReadonlyMap<RunnerId, KeyGrant> | null;
  /** Grants of it so far, those that replaced an earlier one of the same provider included. */
  keys_granted: number;
  /** Who could be drawn, as every draw of the job knew it, by digest. */
  rosters: ReadonlyMap<Sha256, Roster>;
  /** Each runner as the latest roster that names it says. */
  known: ReadonlyMap<RunnerId, RosterEntry>;
  /** Providers found wrong: they get no more of this job, and nothing they said counts. */
  convicted: ReadonlySet<RunnerId>;
  /** Of those who contradicted themselves, how. */
  contradictions: ReadonlyMap<RunnerId, ContradictedFact>;
  timestamps: Readonly<Partial<Record<JobState, number>>>;
  result: JobResult | null;
  /**
   * Rows, or units of tokens, that had been handed in when the job succeeded, was canceled, or expired after its tokens were
   * streamed, checks included: what it costs follows from them.
   */
  rows_used: number | null;
  /** Of a job that was canceled or has expired, what had been delivered of completions that were not finished. */
  begun: readonly Begun[];
  error: Problem | null;
  /** Set when a provider was convicted after the job had succeeded. */
  recall: Recall | null;
}

const FRESH_SHARD: ShardProgress = {
  leases: [],
  answer: null,
  checks: [],
  draws: [],
  wanted: 0,
  verdicts: [],
  past: [],
  delivered: null,
  differs: false,
  failures: [],
  returned: new Map(),
  unresolved: 0,
  restarts: 0,
};

export function createProgress(plan: JobPlan, queued_ms: number): JobProgress {
  return {
    plan,
    state: "queued",
    seq: 0,
    shards: Array.from({ length: plan.shards }, () => FRESH_SHARD),
    index: {
      ready: plan.shards,
      unanswered: plan.shards,
      unaccepted: plan.shards,
      drawn: new Map(),
      wanting: new Set(),
      taken: new Set(),
    },
    grants: new GrantLog(),
    providers: new Map(),
    keys: plan.key_grants ? new Map(plan.key_grants.map((grant) => [grant.provider, grant])) : null,
    keys_granted: plan.key_grants?.length ?? 0,
    rosters: new Map(),
    known: new Map(),
    convicted: new Set(),
    contradictions: new Map(),
    timestamps: { queued: queued_ms },
    result: null,
    rows_used: null,
    begun: [],
    error: null,
    recall: null,
  };
}

export const isFinal = (state: JobState): boolean =>
  state === "succeeded" || state === "failed" || state === "canceled" || state === "expired";

/** Whether there may be something to do: the job is not over, or what it delivered is being checked again. */
export const isOpen = (progress: Pick<JobProgress, "state" | "recall">): boolean =>
  !isFinal(progress.state) || progress.recall?.state === "checking";

/** How often a shard's stream has begun anew: with each answer that fell, and where nobody could go on with it. */
export const streamEpoch = ({ past, restarts }: ShardProgress): number => past.length + restarts;

/** Rows of one shard: all shards are alike but the last. */
export function shardRowCount(plan: Pick<JobPlan, "rows" | "shard_rows">, shard: number): number {
  return Math.min(plan.shard_rows, plan.rows - shard * plan.shard_rows);
}

export function shardAt(shards: readonly ShardProgress[], shard: number): ShardProgress {
  const found = shards[shard];
  if (found === undefined) throw new Error(`there is no shard ${shard}: the job has ${shards.length}`);
  return found;
}
