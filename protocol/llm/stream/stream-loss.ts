import type { LeaseId, RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";

/** A lease whose holder streams, as it was last heard of. */
export interface Holder {
  shard: number;
  lease_id: LeaseId;
  runner: RunnerId;
  heard_ms: number;
  /** When it last delivered something new, or began. */
  progressed_ms: number;
  /** When its connection broke, in Unix ms; null while it stands, and where there never was one. */
  closed_ms: number | null;
}

/**
 * When a holder counts as lost unless it is heard of again, in Unix ms. Signs of life alone hold up nothing for good: who has
 * made no token for longer than a runner gives its engine is lost too.
 */
export const lostAt = ({ heard_ms, progressed_ms, closed_ms }: Holder): number =>
  Math.min(
    heard_ms + LIMITS.stream_silence_ms_max,
    progressed_ms + LIMITS.generation_first_ms_max + LIMITS.stream_silence_ms_max,
    closed_ms === null ? Number.POSITIVE_INFINITY : closed_ms + LIMITS.stream_return_ms_max,
  );

export const isLost = (holder: Holder, now_ms: number): boolean => lostAt(holder) <= now_ms;
