import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";

interface ShardChoice {
  rows: number;
  /** Expected time of one row on one core, in microseconds. */
  row_cost_us: number;
  /** Runners that could take the shards now. */
  runners: number;
  /** Runners that compute each shard. */
  replicas: number;
  /** What the client asked for: rows in a shard, or null. */
  asked: number | null;
}

/**
 * Rows in a shard. Shards take `shard_target_ms` of compute, or less where that gives every runner a few of them, but
 * not less than `shard_ms_min` each; they are never more than `shards_per_job_max` nor than the rows. What the client
 * asks for wins.
 *
 * @throws InfernetError too_many_rows when the rows asked for make too many shards
 */
export function chooseShardRows({ rows, row_cost_us, runners, replicas, asked }: ShardChoice): number {
  if (asked !== null) return assertAsked(rows, asked);
  const compute_ms = (rows * row_cost_us) / 1_000;
  const wanted = Math.max(
    1,
    Math.ceil(compute_ms / LIMITS.shard_target_ms),
    Math.ceil((LIMITS.shards_per_runner_min * runners) / replicas),
  );
  const most = Math.min(rows, LIMITS.shards_per_job_max, Math.floor(compute_ms / LIMITS.shard_ms_min));
  return Math.ceil(rows / Math.min(wanted, Math.max(most, 1)));
}

function assertAsked(rows: number, asked: number): number {
  const shards = shardCount(rows, asked);
  if (shards <= LIMITS.shards_per_job_max) return Math.min(asked, rows);
  const least = Math.ceil(rows / LIMITS.shards_per_job_max);
  const detail = `${rows} rows in shards of ${asked} are ${shards} shards; at most ${LIMITS.shards_per_job_max} are allowed, so ask for ${least} rows or more.`;
  throw new InfernetError("too_many_rows", detail, { errors: [{ pointer: "/shard_rows", detail }] });
}

export const shardCount = (rows: number, shardRows: number): number => Math.ceil(rows / shardRows);

/** The rows of shard `shard` (from 0): all shards have `shardRows` but the last, which has what is left. */
export function shardRange(rows: number, shardRows: number, shard: number): { start: number; count: number } {
  const start = shard * shardRows;
  if (shard < 0 || start >= rows)
    throw new RangeError(`there is no shard ${shard} of ${shardCount(rows, shardRows)}`);
  return { start, count: Math.min(shardRows, rows - start) };
}
