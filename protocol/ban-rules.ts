import { LIMITS } from "@infernet/schemas/limits";
import type { ReputationEvent } from "@infernet/schemas/provider";

type Conviction = Extract<ReputationEvent, { kind: "convicted" }>;

/**
 * The ban that follows from a conviction: a week, a month, and then for good.
 *
 * @param before convictions in the ledger before this one
 */
export function banFor(conviction: Conviction, before: number): Extract<ReputationEvent, { kind: "banned" }> {
  const lasts_ms = [LIMITS.ban_ms_first, LIMITS.ban_ms_second][before] ?? null;
  const what = conviction.as === "answer" ? "an answer" : "a check";
  return {
    kind: "banned",
    id: conviction.id,
    at_ms: conviction.at_ms,
    reason: conviction.as === "answer" ? "wrong_answer" : "wrong_check",
    detail: `${what} for shard ${conviction.shard} of ${conviction.job_id} was wrong; the job's receipt has the evidence`,
    appeal_until_ms: conviction.at_ms + LIMITS.appeal_ms,
    until_ms: lasts_ms === null ? null : conviction.at_ms + lasts_ms,
  };
}
