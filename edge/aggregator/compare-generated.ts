import type { Bounds } from "@infernet/protocol/compare-tolerances";
import type { Answer } from "@infernet/protocol/job-progress";
import { compareGenerations } from "@infernet/protocol/llm/compare-generations";
import type { Tensor } from "@infernet/schemas/tensor";
import type { Comparison } from "@infernet/schemas/verification";
import type { AggregatorContext } from "./context.ts";
import { describeComparison } from "./describe-comparison.ts";
import type { OpenJob } from "./open-job.ts";
import type { PreparedOutput } from "./prepare-output.ts";
import { readGenerations } from "./read-generations.ts";
import { readAllowances } from "./row-allowances.ts";

export interface Generated {
  output: PreparedOutput;
  /** What the output says something about. */
  other: Answer;
  /** Its rows that the output has too. */
  theirs: readonly Tensor[];
  /** Whether that is the answer that is checked: else it is another check, or an answer that is to be replaced. */
  isAnswer: boolean;
  bounds: Bounds;
}

/** Holds generated text against other generated text: see `compareGenerations`. */
export async function compareGenerated(
  ctx: AggregatorContext,
  job: OpenJob,
  { output: { tensors, task, ranges }, other, theirs, isAnswer, bounds }: Generated,
): Promise<Comparison> {
  const ours = readGenerations(tensors);
  if (!isAnswer)
    return describeComparison(
      other,
      compareGenerations(ours, readGenerations(theirs), bounds, () => ({ kind: "alike" })),
    );
  const allowances = await readAllowances(ctx, job);
  const first = task.shard * job.record.shard_rows;
  const rows = ranges.flatMap(({ start, count }) => Array.from({ length: count }, (_, n) => start + n));
  // What others began is of a stream, whose shards have one row each.
  const begun = other.begun ?? [];
  const compared = compareGenerations(ours, readGenerations(theirs), bounds, (row) => ({
    kind: "answer",
    rules: allowances[first + (rows[row] ?? 0)] ?? null,
    begun,
  }));
  const zones = begun.flatMap(({ runner, lease_id }, n) => {
    const zone = compared.begun[n];
    return zone === undefined ? [] : [{ runner, lease_id, zone }];
  });
  return { ...describeComparison(other, compared), ...(zones.length > 0 ? { begun: zones } : {}) };
}
