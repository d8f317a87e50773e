import { z } from "zod";
import { Sha256 } from "./digest.ts";
import { LeaseId, RunnerId, ShardIndex } from "./ids.ts";
import { LIMITS } from "./limits.ts";

const Assurance = z.strictObject({
  /** Probability that a shard delivered is right, with up to 30 % of the network lying together. */
  assurance: z.number().min(LIMITS.assurance_min).max(LIMITS.assurance_max),
});

const None = z.strictObject({ mode: z.literal("none") });

const Quorum = z.strictObject({
  mode: z.literal("quorum"),
  /** Providers that compute each shard whole, each drawn after the first has committed. */
  replicas: z.int().min(LIMITS.replicas_min).max(LIMITS.replicas_max).default(2),
});

const Audit = z.strictObject({
  mode: z.literal("audit"),
  /** Auditors drawn for each shard after its answer is committed. */
  auditors: z.int().min(1).max(LIMITS.auditors_asked_max).default(1),
  /** Share of a shard's rows that each auditor computes; at least four rows. */
  rows_share: z.number().min(0.01).max(1).default(0.1),
});

/**
 * How a job is checked. `assurance`: as much as it takes for that probability. `audit`: every shard a little.
 * `quorum`: every shard again. `none`: the first answer stands.
 */
export const Verification = z
  .union([Assurance, z.discriminatedUnion("mode", [None, Quorum, Audit])])
  .meta({ id: "Verification" });
export type Verification = z.infer<typeof Verification>;

/** What `Verification` came to when the job was accepted. */
export const VerificationPlan = z
  .strictObject({
    mode: z.enum(["none", "quorum", "audit"]),
    /** Auditors drawn for each shard as soon as its answer is committed. */
    auditors: z.int().min(0).max(LIMITS.auditors_max),
    /** Rows of a whole shard that each of them computes. */
    audit_rows: z.int().min(0),
    /** A shard whose group error is above this at the job's end is audited further; null: it is not. */
    error_max: z.number().gt(0).max(1).nullable(),
  })
  .meta({ id: "VerificationPlan" });
export type VerificationPlan = z.infer<typeof VerificationPlan>;

/** What a comparison of two answers says: the same, cannot be told, or different. */
export const Zone = z.enum(["match", "unclear", "fraud"]).meta({ id: "Zone" });
export type Zone = z.infer<typeof Zone>;

/** One answer held against another's, over the rows that both have; the worst row decides. */
export const Comparison = z.strictObject({
  with: RunnerId,
  zone: Zone,
  /**
   * Largest |a - b| / (|b| + rms) of any row, of generated text that of the logprobs; null where bytes were compared or shapes
   * differ.
   */
  deviation: z.number().nullable(),
  /** Largest 1 - cos of any row, of generated text that of the choices; null likewise. */
  angle: z.number().nullable(),
  /** Rows that do not match; null where the two cannot be laid side by side. */
  rows_differing: z.int().min(0).nullable(),
  /** Of a completion that others began: whether what each of them delivered is what the rules choose, as both sides see it. */
  begun: z
    .array(z.strictObject({ runner: RunnerId, lease_id: LeaseId, zone: Zone }))
    .min(1)
    .optional(),
});
export type Comparison = z.infer<typeof Comparison>;

/** A machine that work of a job can be drawn for. */
export const RosterEntry = z.strictObject({
  id: RunnerId,
  /** By capability, as far as that was measured: how often it is drawn compared with others. */
  weight: z.int().min(1).max(1_000),
  /** What it shares with machines it may not check: owner, payout address, network prefix, each as an opaque tag. */
  groups: z.array(z.string().max(64)).max(8),
  /** Audits of its answers that it has passed, by its ledger. */
  passed: z.int().min(0),
  /** Whether the operator trusts it to decide disagreements; it then gets no other work. */
  referee: z.boolean(),
});
export type RosterEntry = z.infer<typeof RosterEntry>;

/** Everyone who could be drawn, in the order of their ids. Its canonical digest names it. */
export const Roster = z.strictObject({ runners: z.array(RosterEntry).max(LIMITS.roster_runners_max) });
export type Roster = z.infer<typeof Roster>;

/** Why a runner computes rows of a shard: `compute` makes the answer; the others check one. */
export const TaskRole = z.enum(["compute", "audit", "referee", "probe", "plant"]);
export type TaskRole = z.infer<typeof TaskRole>;

/** Who was chosen to check one answer, and the evidence that it was by lot. */
export const Draw = z.strictObject({
  shard: ShardIndex,
  /** Counts the draws on this answer, from 0. */
  round: z.int().min(0),
  purpose: z.enum(["audit", "referee"]),
  /** For a referee: the auditor whose disagreement it decides. */
  of: RunnerId.nullable(),
  epoch: z.int().min(0),
  /** HMAC-SHA-256 of the epoch's seed over the shard, the commitment's root and the round: see `drawValue`. */
  value: Sha256,
  /** The roster drawn from. */
  roster: Sha256,
  /** The lot, in order. */
  runners: z.array(RunnerId),
  /** Passed audits that the answer needs from here on. */
  wanted: z.int().min(0),
});
export type Draw = z.infer<typeof Draw>;

export const Ruling = z.enum(["stands", "set_aside", "convicted"]);
export type Ruling = z.infer<typeof Ruling>;

/** How a disagreement between an answer and one of its checks was decided, and by whom. */
export const Verdict = z
  .strictObject({
    shard: ShardIndex,
    answer: z.strictObject({ runner: RunnerId, ruling: Ruling }),
    check: z.strictObject({ runner: RunnerId, ruling: Ruling }),
    /** Whose runs decided it; empty when no majority came about. */
    referees: z.array(RunnerId),
  })
  .meta({ id: "Verdict" });
export type Verdict = z.infer<typeof Verdict>;
