import { LIMITS } from "@infernet/schemas/limits";

/**
 * How long after a message of a stream the next one waits, in ms, so that tokens that come faster than each can be told go out
 * together: not at all where there is one lease or reader, and longer with each other one that shares the way.
 */
export const gatherTime = (sharing: number): number =>
  Math.min(LIMITS.stream_gather_ms_max, (sharing - 1) * LIMITS.stream_gather_ms_each);
