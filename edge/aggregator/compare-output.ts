import { compareRows } from "@infernet/protocol/compare";
import { compareSealedRows } from "@infernet/protocol/compare-sealed";
import { tolerancesFor } from "@infernet/protocol/compare-tolerances";
import { type Answer, type JobProgress, shardAt } from "@infernet/protocol/job-progress";
import { generationTolerances } from "@infernet/protocol/llm/generation-tolerances";
import { isDisputed } from "@infernet/protocol/shard-state";
import type { Task } from "@infernet/schemas/job-fact";
import { generatesText } from "@infernet/schemas/model";
import type { RowRange } from "@infernet/schemas/runner";
import type { Datatype } from "@infernet/schemas/tensor";
import { gatherRows } from "@infernet/schemas/tensor-rows";
import type { Comparison } from "@infernet/schemas/verification";
import { resolveModel } from "../catalog/resolve-model.ts";
import { compareGenerated } from "./compare-generated.ts";
import type { AggregatorContext } from "./context.ts";
import { describeComparison as describe } from "./describe-comparison.ts";
import type { OpenJob } from "./open-job.ts";
import type { PreparedOutput } from "./prepare-output.ts";
import type { OutputReader } from "./shard-output.ts";

/**
 * Holds an output against what it says something about: a check against the answer, a referee's also against the check
 * that it decides, and an answer of a recall against the one that was delivered.
 */
export async function compareOutput(
  ctx: AggregatorContext,
  job: OpenJob,
  output: PreparedOutput,
  readOutput: OutputReader,
): Promise<Comparison[]> {
  const { progress, record } = job;
  const others = listOthers(progress, output.task, output.ranges);
  if (others.length === 0) return [];
  const { calibration } = await resolveModel(ctx.env, record.model.digest);
  const { execution_class } = output.result;
  const comparisons: Comparison[] = [];
  for (const { other, ranges, isAnswer } of others) {
    const whole = await readOutput(output.task.shard, other);
    const theirs = ranges === null ? whole : whole.map((tensor) => gatherRows(tensor, ranges));
    const isText = generatesText(record);
    const bounds = generationTolerances(calibration, execution_class, other.execution_class);
    const boundsOf = (datatype: Datatype) =>
      isText ? bounds : tolerancesFor(calibration, execution_class, other.execution_class, datatype);
    if (record.sealing !== undefined)
      comparisons.push(
        describe(other, compareSealedRows(output.tensors, theirs, record.sealing.outputs, boundsOf)),
      );
    else if (isText)
      comparisons.push(await compareGenerated(ctx, job, { output, other, theirs, isAnswer, bounds }));
    else comparisons.push(describe(other, compareRows(output.tensors, theirs, boundsOf)));
  }
  return comparisons;
}

interface Other {
  other: Answer;
  /** Those of its rows that are compared; null: all that it has. */
  ranges: RowRange[] | null;
  /** Whether it is the answer that is checked: else it is another check, or an answer that is to be replaced. */
  isAnswer: boolean;
}

function listOthers(progress: JobProgress, { shard, role, of }: Task, ranges: RowRange[]): Other[] {
  const { answer, checks, delivered } = shardAt(progress.shards, shard);
  if (role === "compute")
    return delivered === null ? [] : [{ other: delivered, ranges: null, isAnswer: false }];
  const others = answer === null ? [] : [{ other: answer, ranges, isAnswer: true }];
  if (role !== "referee") return others;
  const disputed = checks.find((check) => check.runner === of && isDisputed(check))?.answer ?? null;
  return disputed === null ? others : [...others, { other: disputed, ranges: null, isAnswer: false }];
}
