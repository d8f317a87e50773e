import { LIMITS } from "@infernet/schemas/limits";

/** What becomes of a payout that came to nothing: it waits until then, or goes back to its provider. */
export type Retry = { kind: "retry"; at_ms: number } | { kind: "return" };

/**
 * A payout that could not be paid this time (its payee has no bond or no account, or the account is frozen, or the place
 * has not enough) is tried again, after pauses that double, so that whoever can put it right has the time to. After
 * `payout_attempts_max` times it goes back: what it was for is the provider's to order again.
 *
 * @param attempts times that it came to nothing before this one
 */
export function decideRetry(attempts: number, now_ms: number): Retry {
  if (attempts + 1 >= LIMITS.payout_attempts_max) return { kind: "return" };
  const pause_ms = Math.min(LIMITS.payout_retry_ms_first * 2 ** attempts, LIMITS.payout_retry_ms_max);
  return { kind: "retry", at_ms: now_ms + pause_ms };
}

/** The pause after so many failures in a row to reach somebody: a chain, a provider's object. */
export const reachPause = (failures: number): number =>
  Math.min(LIMITS.treasury_retry_ms_first * 2 ** Math.min(failures, 20), LIMITS.treasury_retry_ms_max);
