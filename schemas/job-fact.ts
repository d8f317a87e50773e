import { z } from "zod";
import { Sha256 } from "./digest.ts";
import { RunnerId, ShardIndex } from "./ids.ts";
import { JobResult } from "./job.ts";
import { LIMITS } from "./limits.ts";
import { Problem } from "./problem.ts";
import { FailureCode } from "./runner.ts";

const shards = z.array(ShardIndex).min(1);

/** Runner R holds the named shards until `expires_ms`. One fact for a whole grant: rows written are what costs. */
export const LeasedFact = z.strictObject({
  kind: z.literal("leased"),
  runner: RunnerId,
  /** UUID of the grant; the n-th shard's lease id is made from it. */
  grant: z.string(),
  shards,
  expires_ms: z.int(),
});

/** What the quorum said about one shard when this commitment made it decidable. */
export const Verdict = z.strictObject({
  shard: ShardIndex,
  /** The runner whose output stands. */
  accepted: RunnerId,
  agreed: z.array(RunnerId),
  outvoted: z.array(RunnerId),
});
export type Verdict = z.infer<typeof Verdict>;

/** Runner R handed in outputs. Their bytes lie beside this fact, or in a blob. */
export const CommittedFact = z.strictObject({
  kind: z.literal("committed"),
  runner: RunnerId,
  results: z
    .array(
      z.strictObject({
        shard: ShardIndex,
        output_sha256: Sha256,
        output_bytes: z.int(),
        /** Set when the output is a stored blob, else it lies beside the fact. */
        blob: z.boolean(),
        execution_class: z.string(),
        compute_ms: z.number(),
        /** Providers whose earlier commitment to this shard says the same, by the rules of comparison. */
        agrees_with: z.array(RunnerId),
      }),
    )
    .min(1),
  verdicts: z.array(Verdict),
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

export const SucceededFact = z.strictObject({ kind: z.literal("succeeded"), result: JobResult });
export const FailedFact = z.strictObject({ kind: z.literal("failed"), error: Problem });
export const CanceledFact = z.strictObject({ kind: z.literal("canceled") });
export const ExpiredFact = z.strictObject({ kind: z.literal("expired"), error: Problem });

/**
 * What happened to a job, in order: the aggregator appends one fact for each transition and derives everything else
 * (shard states, the Job object, the event stream) by folding them.
 */
export const JobFact = z.discriminatedUnion("kind", [
  LeasedFact,
  CommittedFact,
  ReturnedFact,
  SucceededFact,
  FailedFact,
  CanceledFact,
  ExpiredFact,
]);
export type JobFact = z.infer<typeof JobFact>;
export type LeasedFact = z.infer<typeof LeasedFact>;
export type CommittedFact = z.infer<typeof CommittedFact>;
export type ReturnedFact = z.infer<typeof ReturnedFact>;
export type TerminalFact = Extract<JobFact, { kind: "succeeded" | "failed" | "canceled" | "expired" }>;
