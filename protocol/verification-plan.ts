import { LIMITS } from "@infernet/schemas/limits";
import type { Verification, VerificationPlan } from "@infernet/schemas/verification";
import { auditsNeeded, credibility } from "./credibility.ts";

/** Fewer rows than this say little about a shard, and cost as much as they do. */
const AUDIT_ROWS_MIN = 4;
/** Share of a shard's rows that each auditor computes when an assurance is asked for. */
const ASSURED_ROWS_SHARE = 0.05;
/** Up to this probability of error one auditor is drawn at once, below it two: the rest is drawn at the end, if at all. */
const ONE_AUDITOR_ERROR_MIN = 0.01;

const NO_CHECK: VerificationPlan = { mode: "none", auditors: 0, audit_rows: 0, error_max: null };

/**
 * What a client's wish comes to. Work whose rows depend on each other is checked whole, by as many as it takes.
 *
 * @param shard_rows rows of a whole shard
 * @param joint whether a row's output depends on the rows beside it
 */
export function planVerification(asked: Verification, shard_rows: number, joint: boolean): VerificationPlan {
  if ("assurance" in asked) return planAssurance(asked.assurance, shard_rows, joint);
  switch (asked.mode) {
    case "none":
      return NO_CHECK;
    case "quorum":
      return { mode: "quorum", auditors: asked.replicas - 1, audit_rows: shard_rows, error_max: null };
    case "audit":
      return {
        mode: joint ? "quorum" : "audit",
        auditors: asked.auditors,
        audit_rows: joint ? shard_rows : auditRows(shard_rows, asked.rows_share),
        error_max: null,
      };
    default:
      return asked satisfies never;
  }
}

function planAssurance(assurance: number, shard_rows: number, joint: boolean): VerificationPlan {
  // In decimal digits, as it was asked for: 1 - 0.9999 is not 0.0001.
  const error_max = Number((1 - assurance).toPrecision(6));
  return {
    mode: joint ? "quorum" : "audit",
    auditors: error_max < ONE_AUDITOR_ERROR_MIN ? 2 : 1,
    audit_rows: joint ? shard_rows : auditRows(shard_rows, ASSURED_ROWS_SHARE),
    error_max,
  };
}

/** A lease names so many rows apart from each other at most; all of a shard are one range. */
function auditRows(shard_rows: number, share: number): number {
  const wanted = Math.max(AUDIT_ROWS_MIN, Math.ceil(shard_rows * share));
  return wanted >= shard_rows ? shard_rows : Math.min(wanted, LIMITS.row_ranges_per_lease_max);
}

/** Auditors that each shard will have had by the end, with providers that have passed `passed` checks. */
export function expectedAuditors(plan: VerificationPlan, passed: number): number {
  if (plan.error_max === null) return plan.auditors;
  const needed = auditsNeeded(credibility(passed), plan.error_max);
  return Math.min(LIMITS.auditors_max, Math.max(plan.auditors, needed));
}

/** Rows computed for each row delivered when nobody errs: `1 + r c`. Disputes and work done again come on top. */
export const computeFactor = (plan: VerificationPlan, auditors: number, shard_rows: number): number =>
  1 + auditors * (Math.min(plan.audit_rows, shard_rows) / shard_rows);
