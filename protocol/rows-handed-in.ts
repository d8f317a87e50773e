import type { RunnerId } from "@infernet/schemas/ids";
import { type JobProgress, shardRowCount } from "./job-progress.ts";
import { listWronglyBegun } from "./wrongly-begun.ts";

/**
 * Rows that each provider has handed in in a job, answers and checks alike, whether they stand or were set aside; of
 * generated text units of tokens, what was begun and finished by others included. Nobody who was convicted has any, and
 * nobody has what it began and the rules would not have chosen.
 */
export function rowsHandedIn(progress: JobProgress): Map<RunnerId, number> {
  const rows = new Map<RunnerId, number>();
  const add = (runner: RunnerId, count: number): void => {
    if (!progress.convicted.has(runner)) rows.set(runner, (rows.get(runner) ?? 0) + count);
  };
  for (const [index, { answer, checks, past }] of progress.shards.entries()) {
    for (const handedIn of [{ answer, checks }, ...past]) {
      const { answer: given } = handedIn;
      if (given !== null) add(given.runner, given.units ?? shardRowCount(progress.plan, index));
      const wrong = listWronglyBegun(handedIn.checks);
      for (const { runner, units, lease_id } of given?.begun ?? [])
        if (!wrong.has(lease_id)) add(runner, units);
      for (const { runner, answer: made } of handedIn.checks)
        if (made !== null) add(runner, made.units ?? made.rows);
    }
  }
  for (const { runner, units } of progress.begun) add(runner, units);
  return rows;
}
