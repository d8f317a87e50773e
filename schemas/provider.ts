import { z } from "zod";
import { RunnerId } from "./ids.ts";
import { Capability } from "./runner.ts";

/**
 * The reputation ledger's entries: append-only, each with an id of its maker's choice so that a repeat changes nothing.
 * `work` sums what one provider did in one job; `uptime` says that it was seen from `from_ms` to `to_ms`.
 */
export const ReputationEvent = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("work"),
    id: z.string(),
    at_ms: z.int(),
    shards_completed: z.int(),
    rows_completed: z.int(),
    shards_failed: z.int(),
    shards_expired: z.int(),
    shards_agreed: z.int(),
    shards_outvoted: z.int(),
    /** Sum over completed shards of the time from lease to commitment. */
    latency_ms_total: z.int(),
    compute_ms_total: z.int(),
  }),
  z.strictObject({
    kind: z.literal("uptime"),
    id: z.string(),
    at_ms: z.int(),
    from_ms: z.int(),
    to_ms: z.int(),
  }),
]);
export type ReputationEvent = z.infer<typeof ReputationEvent>;

/** A projection of the ledger; each part is a share between 0 and 1. */
export const Reputation = z
  .strictObject({
    score: z.number(),
    completion: z.number(),
    agreement: z.number(),
    uptime: z.number(),
    latency_ms_mean: z.number().nullable(),
    shards_completed: z.int(),
    shards_failed: z.int(),
    shards_expired: z.int(),
    shards_agreed: z.int(),
    shards_outvoted: z.int(),
    rows_completed: z.int(),
  })
  .meta({ id: "Reputation" });
export type Reputation = z.infer<typeof Reputation>;

export const Provider = z
  .strictObject({
    id: RunnerId,
    object: z.literal("provider"),
    name: z.string().nullable(),
    version: z.string(),
    capability: Capability,
    /** Whether a quorum has ever outvoted it. */
    marked: z.boolean(),
    reputation: Reputation,
    first_seen_at: z.iso.datetime(),
    last_seen_at: z.iso.datetime(),
  })
  .meta({ id: "Provider" });
export type Provider = z.infer<typeof Provider>;
