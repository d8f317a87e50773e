import { LIMITS } from "@infernet/schemas/limits";

/** Share of the network that is assumed to lie, all together: what every promise is made against. */
const LIARS = 0.3;

/**
 * Probability that an answer of a provider is right, after `passed` checks of its answers have agreed with it: Sarmenta
 * 2001, `1 - f / ((1 - f) e k)`; without any, and never less, `1 - f`.
 */
export const credibility = (passed: number): number =>
  passed <= 0 ? 1 - LIARS : Math.max(1 - LIARS, 1 - LIARS / ((1 - LIARS) * Math.E * passed));

/**
 * Probability that an answer is wrong although `passed` checks of it agreed: `(1 - Cr) f^r`. Only the answer's own maker
 * and the checkers' share of liars count, not a product of their good names: a cabal fails together.
 */
export const groupError = (answerCredibility: number, passed: number): number =>
  (1 - answerCredibility) * LIARS ** passed;

/** The least number of agreeing checks that brings the group error to `error_max`, at most `auditors_max`. */
export function auditsNeeded(answerCredibility: number, error_max: number): number {
  const doubt = 1 - answerCredibility;
  if (doubt <= error_max) return 0;
  return Math.min(LIMITS.auditors_max, Math.ceil(Math.log(error_max / doubt) / Math.log(LIARS) - 1e-9));
}

/**
 * The largest expected share of wrong rows that a provider can have delivered unseen, whatever it did, when
 * `rows_audited` of its rows were checked: `f / ((1 - f) e A)`. It holds for one who spoils single rows too.
 */
export const stealthBound = (rows_audited: number): number | null =>
  rows_audited === 0 ? null : Math.min(1, LIARS / ((1 - LIARS) * Math.E * rows_audited));

/** Whether a provider is still new: it gets a small share of any job, and one more auditor. */
export const isNew = (passed: number): boolean => passed < LIMITS.probation_audits;
