import { type JobProgress, shardAt, shardRowCount } from "@infernet/protocol/job-progress";
import { rowsOfCheck } from "@infernet/protocol/shard-state";
import type { RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import type { RowRange } from "@infernet/schemas/runner";

/**
 * The rows of its shard, counted from 0, that a task is about, as ascending ranges.
 *
 * @param runner who has the task; a check must have been drawn or leased for it
 */
export function rowsOfTask(
  progress: JobProgress,
  runner: RunnerId,
  { shard, role, of }: Task,
): [RowRange, ...RowRange[]] {
  const { plan } = progress;
  if (role === "compute") return [{ start: 0, count: shardRowCount(plan, shard) }];
  const { checks } = shardAt(progress.shards, shard);
  const check = checks.find((one) => one.runner === runner && one.role === role && one.of === of);
  if (check === undefined) throw new Error(`shard ${shard} has no ${role} by ${runner}`);
  return joinRows(rowsOfCheck(plan, shard, checks, check));
}

/** Ascending rows as ranges: neighbours are one. */
function joinRows(rows: readonly number[]): [RowRange, ...RowRange[]] {
  const [first, ...others] = rows;
  if (first === undefined) throw new Error("a task has rows");
  const ranges: [RowRange, ...RowRange[]] = [{ start: first, count: 1 }];
  let last: RowRange = ranges[0];
  for (const row of others) {
    if (row === last.start + last.count) last.count += 1;
    else {
      last = { start: row, count: 1 };
      ranges.push(last);
    }
  }
  return ranges;
}
