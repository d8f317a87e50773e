import type { LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { CommittedResult } from "@infernet/schemas/job-fact";
import type { LogEntry, ReceiptJob } from "@infernet/schemas/receipt";
import { type JobProgress, shardAt } from "../job-progress.ts";
import { rowsOfCheck } from "../shard-state.ts";
import { replayLog } from "./replay-log.ts";

/** A commitment of the log, and the leaves of its tree that hold rows which somebody checked. */
export interface CommitmentEvidence {
  runner: RunnerId;
  result: CommittedResult;
  /** The fact beside which the outputs lie. */
  seq: number;
  /** Ascending; empty for what nobody has checked, as for every check itself. */
  leaves: number[];
}

export const leafCount = ({ rows, leaf_rows }: Pick<CommittedResult, "rows" | "leaf_rows">): number =>
  Math.ceil(rows / leaf_rows);

/** What a receipt of this log has to show of the outputs, in the order of the log. */
export function listEvidence(job: ReceiptJob, log: readonly LogEntry[]): CommitmentEvidence[] {
  const evidence: Omit<CommitmentEvidence, "leaves">[] = [];
  const checked = new Map<LeaseId, Set<number>>();
  for (const { before, entry } of replayLog(job, log)) {
    if (entry.fact.kind !== "committed") continue;
    const { runner, results } = entry.fact;
    for (const result of results) {
      evidence.push({ runner, result, seq: entry.seq });
      const { answer } = shardAt(before.shards, result.shard);
      const rows = answer === null ? null : rowsChecked(before, result);
      if (answer === null || rows === null) continue;
      const leaves = checked.get(answer.lease_id) ?? new Set();
      for (const row of rows) leaves.add(Math.floor(row / answer.leaf_rows));
      checked.set(answer.lease_id, leaves);
    }
  }
  return evidence.map((one) => ({
    ...one,
    leaves: [...(checked.get(one.result.lease_id) ?? [])].sort((a, b) => a - b),
  }));
}

/** The rows of its shard that a check computed, by the draw; null for what is no check that was waited for. */
export function rowsChecked(
  { plan, shards }: JobProgress,
  { shard, lease_id }: Pick<CommittedResult, "shard" | "lease_id">,
): number[] | null {
  const { checks } = shardAt(shards, shard);
  const check = checks.find((one) => one.lease === lease_id && one.state !== "answered");
  return check === undefined ? null : rowsOfCheck(plan, shard, checks, check);
}

/** Hashes that the paths of all these leaves have together, the leaves' own included. */
export function countPathHashes(evidence: readonly CommitmentEvidence[]): number {
  let hashes = 0;
  for (const { result, leaves } of evidence)
    for (const index of leaves) hashes += 1 + pathLength(index, leafCount(result));
  return hashes;
}

/** Hashes beside the way from a leaf to the root: one for each level on which it has a neighbour. */
function pathLength(index: number, count: number): number {
  let length = 0;
  for (let at = index, width = count; width > 1; at >>= 1, width = (width + 1) >> 1)
    if ((at ^ 1) < width) length += 1;
  return length;
}
