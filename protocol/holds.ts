import type { ReputationEvent } from "@infernet/schemas/provider";

type Work = Extract<ReputationEvent, { kind: "work" }>;

const HOUR_MS = 3_600_000;

/**
 * When the pay for work in a job is the provider's for good, in Unix ms: at the full hour (UTC) after its hold. So what
 * is held can be kept as one sum for each hour, however many jobs there are.
 */
export const ripensAt = ({ held_until_ms }: Pick<Work, "held_until_ms">): number =>
  Math.ceil(held_until_ms / HOUR_MS) * HOUR_MS;
