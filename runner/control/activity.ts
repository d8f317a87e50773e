import { NetworkId } from "@infernet/schemas/commitment";
import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { JobId, LeaseId, RunnerId, ShardIndex } from "@infernet/schemas/ids";
import { Capability } from "@infernet/schemas/runner";
import { z } from "zod";

/**
 * What a runner is at. `starting`: the edge does not know it yet. `away`: the edge does not answer. `waiting`: it has asked for
 * work. `draining`: it finishes what it has and ends.
 */
export const RunnerState = z.enum([
  "starting",
  "waiting",
  "working",
  "paused",
  "away",
  "draining",
  "stopped",
]);
export type RunnerState = z.infer<typeof RunnerState>;

/** What a running runner says of itself. */
export const Activity = z.strictObject({
  id: RunnerId,
  version: z.string(),
  /** Null where it works for peers' aggregators alone. */
  edge: z.string().nullable(),
  home: z.string(),
  pid: z.int(),
  started_at: z.iso.datetime(),
  state: RunnerState,
  /** Why it takes no leases, while it is paused. */
  paused: z.strictObject({ by: z.string(), reason: z.string() }).nullable(),
  /** What the edge said when it did not answer, or answered no; null when all is well. */
  edge_trouble: z.string().nullable(),
  /** How far the edge's clock is ahead, when that is too far. */
  clock_skew_ms: z.number().nullable(),
  warnings: z.array(z.string()),
  capability: Capability,
  missing: z.array(z.strictObject({ engine: z.string(), reason: z.string(), fix: z.string() })),
  /** Shards in hand. */
  now: z.array(
    z.strictObject({
      lease_id: LeaseId,
      job_id: JobId,
      shard: ShardIndex,
      model: Sha256,
      rows: z.int(),
      since: z.iso.datetime(),
    }),
  ),
  models: z.array(z.strictObject({ model: Sha256, execution_class: ExecutionClass })),
  /** Bytes of models and inputs: where they came from, and what went to peers. */
  blobs: z.strictObject({
    from_peers_bytes: z.int(),
    from_edge_bytes: z.int(),
    sent_bytes: z.int(),
  }),
  shards_done: z.int(),
  rows_done: z.int(),
  compute_ms: z.number(),
  rows_per_second: z.number(),
  /** Of completions: tokens made here, and how many a second. */
  tokens_made: z.int(),
  tokens_per_second: z.number(),
  /** Shards that failed, by code. */
  failed: z.record(z.string(), z.int()),
  shards_lost: z.int(),
  shards_handed_back: z.int(),
  /** When a shard was last finished; null before the first. */
  worked_at: z.iso.datetime().nullable(),
  /** Peers' aggregators that it works for, with what was done for each since then: counted in the sums above too. */
  aggregators: z.array(
    z.strictObject({
      network: NetworkId,
      peer: RunnerId,
      name: z.string(),
      /** Null: nothing. */
      pays: z.strictObject({ unit: z.string(), micro_per_core_hour: z.string() }).nullable(),
      since: z.iso.datetime(),
      /** `starting`: it has not taken the runner in yet. `away`: it does not answer. */
      state: z.enum(["starting", "open", "away"]),
      trouble: z.string().nullable(),
      shards_done: z.int(),
      rows_done: z.int(),
      compute_ms: z.number(),
    }),
  ),
});
export type Activity = z.infer<typeof Activity>;
