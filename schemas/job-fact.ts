import { z } from "zod";
import { Signature } from "./commitment.ts";
import { Sha256 } from "./digest.ts";
import { KeyGrants } from "./encryption.ts";
import { ExecutionClass } from "./execution-class.ts";
import { JobId, LeaseId, RunnerId, ShardIndex } from "./ids.ts";
import { JobResult } from "./job.ts";
import { LIMITS } from "./limits.ts";
import { MicroAmount } from "./money.ts";
import { Problem } from "./problem.ts";
import { FailureCode } from "./runner.ts";
import { Comparison, Draw, Roster, TaskRole, Verdict } from "./verification.ts";

const shards = z.array(ShardIndex).min(1);

/** One thing to do on one shard. */
export const Task = z.strictObject({
  shard: ShardIndex,
  role: TaskRole,
  /** For a referee: the auditor whose disagreement it decides. */
  of: RunnerId.nullable(),
});
export type Task = z.infer<typeof Task>;

/** Runner R holds the named tasks until `expires_ms`. One fact for a whole grant: rows written are what costs. */
export const LeasedFact = z.strictObject({
  kind: z.literal("leased"),
  runner: RunnerId,
  /** UUID of the grant; the n-th task's lease id is made from it. */
  grant: z.string(),
  tasks: z.array(Task).min(1),
  expires_ms: z.int(),
});

/** Positions of a shard's completion that a runner delivered before it was lost. */
export const Begun = z.strictObject({
  shard: ShardIndex,
  runner: RunnerId,
  lease_id: LeaseId,
  /** Counted from 0. */
  start: z.int().min(0),
  positions: z.int().min(1),
  /** What they weigh in the price, the prompt included where it was the first. */
  units: z.int().min(0),
});
export type Begun = z.infer<typeof Begun>;

/** One answer: what was committed to, where its bytes are, and how it compares. */
export const CommittedResult = z.strictObject({
  shard: ShardIndex,
  role: TaskRole,
  of: RunnerId.nullable(),
  lease_id: LeaseId,
  rows: z.int().min(1),
  leaf_rows: z.int().min(1),
  root: Sha256,
  signature: Signature,
  output_sha256: Sha256,
  output_bytes: z.int(),
  /** Set when the output is a stored blob, else it lies beside the fact. */
  blob: z.boolean(),
  execution_class: ExecutionClass,
  compute_ms: z.number(),
  /** Of generated text, what it weighs in the price, see `tokenUnits`: what the other makers made left out. */
  units: z.int().min(0).optional(),
  /** Of a completion that others began, what each of them delivered, in order: it is paid for like an answer. */
  begun: z.array(Begun).min(1).optional(),
  /** For a check: held against the answer, and for a referee against the disputed check too. */
  comparisons: z.array(Comparison),
});
export type CommittedResult = z.infer<typeof CommittedResult>;

const drawing = {
  draws: z.array(Draw),
  /** Rosters that these draws are the first of the job to use; without draws, one by which none is wanted any more. */
  rosters: z.array(Roster),
};

/** Runner R handed in outputs. Their bytes lie beside this fact, or in a blob. */
export const CommittedFact = z.strictObject({
  kind: z.literal("committed"),
  runner: RunnerId,
  results: z.array(CommittedResult).min(1),
  verdicts: z.array(Verdict),
  ...drawing,
});

/** More checks were drawn: in the place of others, to decide a disagreement, or because an answer needs more. */
export const DrawnFact = z.strictObject({
  kind: z.literal("drawn"),
  /** Those drawn before that did not take their task in time. */
  skipped: z.array(z.strictObject({ shard: ShardIndex, runner: RunnerId })),
  /** Disagreements for which nobody is left to be asked. */
  verdicts: z.array(Verdict),
  /** Recalled answers that nobody is left to check: they are computed anew. */
  reopened: z.array(ShardIndex),
  ...drawing,
});

export const ReturnReason = z.enum(["expired", "failed", "handed_back"]);

/** Shards that went back to the queue, and why. */
export const ReturnedFact = z.strictObject({
  kind: z.literal("returned"),
  runner: RunnerId,
  reason: ReturnReason,
  shards,
  code: FailureCode.nullable(),
  detail: z.string().max(LIMITS.failure_detail_chars_max).nullable(),
});

/** Completions begin anew: what was delivered of them is void, since no machine is left that goes on with the same tokens. */
export const RestartedFact = z.strictObject({ kind: z.literal("restarted"), shards });

export const SucceededFact = z.strictObject({ kind: z.literal("succeeded"), result: JobResult });
export const FailedFact = z.strictObject({ kind: z.literal("failed"), error: Problem });
export const CanceledFact = z.strictObject({
  kind: z.literal("canceled"),
  /** What had been delivered of completions that were not finished: it is paid for. */
  begun: z.array(Begun).min(1).optional(),
});
export const ExpiredFact = z.strictObject({
  kind: z.literal("expired"),
  error: Problem,
  /** Set where tokens were streamed: the client has what was made, and pays for it, whether it was finished and checked or not. */
  delivered: z.strictObject({ begun: z.array(Begun) }).optional(),
});

/** A provider of this finished job was convicted elsewhere: what it did here is checked again. */
export const RecalledFact = z.strictObject({
  kind: z.literal("recalled"),
  runner: RunnerId,
  convicted_in: JobId,
  /** Whether its answers are computed anew and not only audited: it spoils single rows, which samples do not find. */
  thorough: z.boolean(),
});

/** A root that a runner signed for a lease. */
export const SignedRoot = z.strictObject({ root: Sha256, signature: Signature });
export type SignedRoot = z.infer<typeof SignedRoot>;

/**
 * Runner R signed two roots for one lease, in one context: it contradicts itself, whatever the outputs were. With the
 * receipt's network, job and model the context can be built again.
 */
export const ContradictedFact = z.strictObject({
  kind: z.literal("contradicted"),
  runner: RunnerId,
  shard: ShardIndex,
  lease_id: LeaseId,
  rows: z.int().min(1),
  leaf_rows: z.int().min(1),
  execution_class: ExecutionClass,
  /** What it had answered with. */
  first: SignedRoot,
  /** What it handed in later. */
  second: SignedRoot,
});

/** The client granted a sealed job's key to more providers, or anew to some that had it. */
export const KeyGrantedFact = z.strictObject({ kind: z.literal("key_granted"), grants: KeyGrants });

/** Everything that was checked again was right. */
export const UpheldFact = z.strictObject({ kind: z.literal("upheld") });

/** Shards that had been delivered were wrong: the result that replaces the first one, and what the client gets back. */
export const RevokedFact = z.strictObject({
  kind: z.literal("revoked"),
  shards,
  result: JobResult,
  refund_micro: MicroAmount,
});

/**
 * What happened to a job, in order: the aggregator appends one fact for each transition and derives everything else
 * (shard states, the Job object, the event stream, the receipt) by folding them.
 */
export const JobFact = z.discriminatedUnion("kind", [
  LeasedFact,
  CommittedFact,
  DrawnFact,
  ReturnedFact,
  RestartedFact,
  SucceededFact,
  FailedFact,
  CanceledFact,
  ExpiredFact,
  RecalledFact,
  ContradictedFact,
  KeyGrantedFact,
  UpheldFact,
  RevokedFact,
]);
export type JobFact = z.infer<typeof JobFact>;
export type LeasedFact = z.infer<typeof LeasedFact>;
export type CommittedFact = z.infer<typeof CommittedFact>;
export type DrawnFact = z.infer<typeof DrawnFact>;
export type ReturnedFact = z.infer<typeof ReturnedFact>;
export type ContradictedFact = z.infer<typeof ContradictedFact>;
export type TerminalFact = Extract<JobFact, { kind: "succeeded" | "failed" | "canceled" | "expired" }>;
