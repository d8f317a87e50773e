import { type JobProgress, shardRowCount } from "../job-progress.ts";
import { rowsOfCheck, zoneWith } from "../shard-state.ts";

/** Delivered rows that nobody but their maker has computed, with a result that matches. */
export function countUnchecked({ plan, shards }: JobProgress): number {
  let unchecked = 0;
  for (const [index, { delivered, answer, checks }] of shards.entries()) {
    if (delivered === null) continue;
    const checked = new Set<number>();
    for (const check of answer === delivered ? checks : [])
      if (check.state === "answered" && zoneWith(check, delivered.runner) === "match")
        for (const row of rowsOfCheck(plan, index, checks, check)) checked.add(row);
    unchecked += shardRowCount(plan, index) - checked.size;
  }
  return unchecked;
}
