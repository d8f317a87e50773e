import { LIMITS } from "@infernet/schemas/limits";

/** Each pause is this many times the one before, until the longest. */
const GROWTH = 3;
/** Pauses are spread by this share to either side, so that deliveries that failed together do not come back together. */
const JITTER = 0.2;

/**
 * When a webhook is tried again: after 5 s, 15 s, 45 s and so on up to 6 h, which spreads the attempts over about a
 * day. A longer Retry-After is honoured up to that longest pause.
 *
 * @param attempts_made 1 or more, the failed one included
 * @param random from 0 to 1
 * @param retry_after_ms what the receiver asked for, from its answer
 * @returns Unix time in milliseconds, or null when that was the last attempt
 */
export function nextAttemptAt(
  attempts_made: number,
  now_ms: number,
  random: number,
  retry_after_ms: number | null = null,
): number | null {
  if (attempts_made >= LIMITS.webhook_attempts_max) return null;
  const longest_ms = LIMITS.webhook_retry_ms_max;
  const pause_ms = Math.min(LIMITS.webhook_retry_ms_first * GROWTH ** (attempts_made - 1), longest_ms);
  const spread_ms = pause_ms * (1 + JITTER * (2 * random - 1));
  return Math.round(now_ms + Math.max(spread_ms, Math.min(retry_after_ms ?? 0, longest_ms)));
}
