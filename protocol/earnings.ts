import type { RunnerId } from "@infernet/schemas/ids";
import type { JobProgress } from "./job-progress.ts";
import { splitAmount } from "./ledger/split.ts";
import { payWeights } from "./pay-weight.ts";
import { rowsHandedIn } from "./rows-handed-in.ts";

/**
 * What each provider's work in a job is worth: the providers' part of the price, split over the rows that each handed in,
 * weighted as in `payWeights`. In micro-units; all of it is shared out, unless nobody handed in anything.
 */
export function shareOut(progress: JobProgress, shared_micro: bigint): Map<RunnerId, bigint> {
  const rows = rowsHandedIn(progress);
  if (rows.size === 0) return new Map();
  const weights = payWeights(progress, rows.keys());
  const runners = [...rows.keys()].sort();
  const parts = splitAmount(
    shared_micro,
    runners.map((runner) => BigInt(rows.get(runner) ?? 0) * BigInt(weights.get(runner) ?? 0)),
  );
  return new Map(runners.map((runner, n) => [runner, parts[n] ?? 0n]));
}
