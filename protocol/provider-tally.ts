import { LATENCY_BUCKETS } from "@infernet/schemas/provider";

/** The bucket of a latency histogram that a time falls in. */
export const latencyBucket = (latency_ms: number): number =>
  Math.min(LATENCY_BUCKETS - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, latency_ms)))));
