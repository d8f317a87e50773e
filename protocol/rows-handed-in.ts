import type { RunnerId } from "@infernet/schemas/ids";
import { type JobProgress, shardRowCount } from "./job-progress.ts";

/**
 * Rows that each provider has handed in in a job, answers and checks alike, whether they stand or were set aside. Nobody
 * who was convicted has any.
 */
export function rowsHandedIn(progress: JobProgress): Map<RunnerId, number> {
  const rows = new Map<RunnerId, number>();
  const add = (runner: RunnerId, count: number): void => {
    if (!progress.convicted.has(runner)) rows.set(runner, (rows.get(runner) ?? 0) + count);
  };
  for (const [index, { answer, checks, past }] of progress.shards.entries()) {
    for (const handedIn of [{ answer, checks }, ...past]) {
      if (handedIn.answer !== null) add(handedIn.answer.runner, shardRowCount(progress.plan, index));
      for (const check of handedIn.checks) if (check.answer !== null) add(check.runner, check.answer.rows);
    }
  }
  return rows;
}
