import type { MeasuredSpeed } from "@infernet/schemas/challenge";
import { LIMITS } from "@infernet/schemas/limits";

/**
 * When the next challenge is due, in Unix ms: at once where nothing was measured or more is claimed than was, soon after
 * one that failed, rarely otherwise.
 */
export function challengeDue(measured: MeasuredSpeed | null, claimedCores: number): number {
  if (measured === null) return 0;
  if (!measured.passed) return measured.at_ms + LIMITS.challenge_retry_ms;
  const claimed = Math.min(claimedCores, LIMITS.challenge_chains_max);
  return claimed > measured.chains ? 0 : measured.at_ms + LIMITS.challenge_every_ms;
}
