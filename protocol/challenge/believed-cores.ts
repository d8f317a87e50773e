import type { MeasuredSpeed } from "@infernet/schemas/challenge";
import { LIMITS } from "@infernet/schemas/limits";

/** The cores that were measured, as long as that counts; null where nothing is known but what the machine claims. */
export const measuredCores = (measured: MeasuredSpeed | null, now_ms: number): number | null =>
  measured === null || now_ms >= measured.at_ms + LIMITS.challenge_counts_ms ? null : measured.cores;

/** What a machine is taken for: never more than it claims, than was measured, or than an unmeasured one may claim. */
export const believedCores = (claimedCores: number, measured: number | null): number =>
  Math.min(claimedCores, measured ?? LIMITS.cores_unmeasured_max);
