import type { RunnerId } from "@infernet/schemas/ids";
import { type JobProgress, shardRowCount } from "./job-progress.ts";

/**
 * What each provider's work in a job is worth: the price divided by all rows that were handed in, answers and checks alike,
 * whether they stand or were set aside. In micro-units, rounded down; what rounding leaves stays with the aggregator.
 * Nobody who was convicted has a share.
 */
export function shareOut(progress: JobProgress, price_micro: bigint): Map<RunnerId, bigint> {
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
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return new Map();
  return new Map([...rows].map(([runner, count]) => [runner, (price_micro * BigInt(count)) / BigInt(total)]));
}
