import { z } from "zod";
import { MeasuredSpeed } from "./challenge.ts";
import { SealingKey } from "./encryption.ts";
import { JobId, RunnerId, ShardIndex } from "./ids.ts";
import { Unit } from "./ledger.ts";
import { LIMITS } from "./limits.ts";
import { MicroAmount } from "./money.ts";
import { PeerMirror } from "./peer/peer-mirror.ts";
import { Capability } from "./runner.ts";
import { SolanaAddress } from "./solana.ts";

const entry = {
  /** Of the maker's choice, so that a repeat changes nothing. */
  id: z.string().min(1).max(128),
  at_ms: z.int(),
};

/** Buckets of a latency histogram: bucket n counts times from 2^n up to 2^(n+1) ms, the first also what is shorter. */
export const LATENCY_BUCKETS = 24;
export const LatencyHistogram = z.array(z.int().min(0)).length(LATENCY_BUCKETS);
export type LatencyHistogram = z.infer<typeof LatencyHistogram>;

/** What one provider did in one job. */
export const WorkTally = z.strictObject({
  shards_completed: z.int(),
  rows_completed: z.int(),
  shards_failed: z.int(),
  shards_expired: z.int(),
  /** Checks of its answers that agreed, and rows that were checked so. */
  audits_passed: z.int(),
  rows_audited: z.int(),
  /** Checks that it made of others. */
  audits_made: z.int(),
  /** From lease to commitment, of completed shards. */
  latency: LatencyHistogram,
  compute_ms_total: z.int(),
  /** What its work in the job is worth: held until `held_until_ms`. */
  earned_micro: MicroAmount,
});
export type WorkTally = z.infer<typeof WorkTally>;

/** How one provider's work in one job is paid. */
export const WorkPay = z.strictObject({
  unit: Unit,
  /** The escrow that pays; null for funds in the operator's books. */
  escrow: SolanaAddress.nullable(),
  fee_micro: MicroAmount,
});

export const BanReason = z.enum(["wrong_answer", "wrong_check", "contradiction", "operator"]);

/** What a conviction is for: a wrong answer, a wrong check of another's, or two signed answers that contradict each other. */
export const Offence = z.enum(["answer", "check", "contradiction"]);
export type Offence = z.infer<typeof Offence>;

/**
 * The reputation ledger's entries: append-only. `work` sums what the provider did in one job; `uptime` says that it was
 * seen from `from_ms` to `to_ms`; `convicted` that it was found wrong; `banned` and `ban_lifted` keep it out and let it in
 * again; `amnesty` excuses what failed in a time when the fault was the network's.
 */
export const ReputationEvent = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("work"),
    ...entry,
    tally: WorkTally,
    held_until_ms: z.int(),
    /** What it is paid in, from where, and the aggregator's fee on it. */
    pay: WorkPay,
  }),
  z.strictObject({ kind: z.literal("uptime"), ...entry, from_ms: z.int(), to_ms: z.int() }),
  z.strictObject({
    kind: z.literal("convicted"),
    ...entry,
    job_id: JobId,
    shard: ShardIndex,
    /** What it did wrong there. */
    as: Offence,
    /**
     * Whether some of the rows that convicted it were right, or nothing says that they were not: then single rows of its
     * other answers may be wrong.
     */
    partial: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal("banned"),
    ...entry,
    reason: BanReason,
    detail: z.string().max(LIMITS.ban_reason_chars_max),
    appeal_until_ms: z.int(),
    /** Null: for good. */
    until_ms: z.int().nullable(),
  }),
  z.strictObject({
    kind: z.literal("appealed"),
    ...entry,
    detail: z.string().min(1).max(LIMITS.ban_reason_chars_max),
  }),
  z.strictObject({
    kind: z.literal("ban_lifted"),
    ...entry,
    detail: z.string().max(LIMITS.ban_reason_chars_max),
  }),
  z.strictObject({
    kind: z.literal("amnesty"),
    ...entry,
    from_ms: z.int(),
    to_ms: z.int(),
    detail: z.string().max(LIMITS.ban_reason_chars_max),
  }),
]);
export type ReputationEvent = z.infer<typeof ReputationEvent>;

export const Ban = z.strictObject({
  reason: BanReason,
  detail: z.string(),
  since: z.iso.datetime(),
  until: z.iso.datetime().nullable(),
  appeal_until: z.iso.datetime(),
  appealed: z.boolean(),
});
export type Ban = z.infer<typeof Ban>;

/** A projection of the ledger: shares lie between 0 and 1. Anyone can recompute it from the ledger or from receipts. */
export const Reputation = z
  .strictObject({
    score: z.number(),
    completion: z.number(),
    uptime: z.number(),
    latency_ms: z.strictObject({ p50: z.number(), p90: z.number(), p99: z.number() }).nullable(),
    /** Sarmenta's credibility: the probability that an answer of its is right, by the checks it has passed. */
    credibility: z.number(),
    /** The largest share of wrong rows that it can have got past the checks: see docs/verification.md. Null before any. */
    stealth_bound: z.number().nullable(),
    audits_passed: z.int(),
    audits_made: z.int(),
    convictions: z.int(),
    shards_completed: z.int(),
    shards_failed: z.int(),
    shards_expired: z.int(),
    rows_completed: z.int(),
    rows_audited: z.int(),
    is_new: z.boolean(),
    earned: z.strictObject({
      held_micro: MicroAmount,
      ripe_micro: MicroAmount,
      taken_back_micro: MicroAmount,
    }),
  })
  .meta({ id: "Reputation" });
export type Reputation = z.infer<typeof Reputation>;

export const Provider = z
  .strictObject({
    id: RunnerId,
    object: z.literal("provider"),
    name: z.string().nullable(),
    version: z.string(),
    capability: Capability,
    /** What a challenge has measured of its machine, by the edge's clock; null before the first. */
    measured: MeasuredSpeed.nullable().default(null),
    /** What clients seal to for it, signed by the key that its id spells; null where it takes no sealed jobs. */
    sealing_key: SealingKey.nullable().default(null),
    /** Where peers reach it, as it said last; null where it has not, or that is over. */
    peer: PeerMirror.nullable().default(null),
    /** Whether it has ever been convicted. */
    marked: z.boolean(),
    /** Whether the operator trusts it to decide disagreements. */
    referee: z.boolean(),
    ban: Ban.nullable(),
    reputation: Reputation,
    first_seen_at: z.iso.datetime(),
    last_seen_at: z.iso.datetime(),
  })
  .meta({ id: "Provider" });
export type Provider = z.infer<typeof Provider>;
