import { compareRows } from "@infernet/protocol/compare";
import { compareSealedRows } from "@infernet/protocol/compare-sealed";
import { tolerancesFor } from "@infernet/protocol/compare-tolerances";
import { type Answer, type JobProgress, shardAt } from "@infernet/protocol/job-progress";
import { isDisputed } from "@infernet/protocol/shard-state";
import type { Task } from "@infernet/schemas/job-fact";
import type { RowRange } from "@infernet/schemas/runner";
import type { Datatype } from "@infernet/schemas/tensor";
import { gatherRows } from "@infernet/schemas/tensor-rows";
import type { Comparison } from "@infernet/schemas/verification";
import { resolveModel } from "../catalog/resolve-model.ts";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";
import type { PreparedOutput } from "./prepare-output.ts";
import type { OutputReader } from "./shard-output.ts";

/**
 * Holds an output against what it says something about: a check against the answer, a referee's also against the check
 * that it decides, and an answer of a recall against the one that was delivered.
 */
export async function compareOutput(
  ctx: AggregatorContext,
  { progress, record }: OpenJob,
  output: PreparedOutput,
  readOutput: OutputReader,
): Promise<Comparison[]> {
  const others = listOthers(progress, output.task, output.ranges);
  if (others.length === 0) return [];
  const { calibration } = await resolveModel(ctx.env, record.model.digest);
  const { execution_class } = output.result;
  const comparisons: Comparison[] = [];
  for (const { other, ranges } of others) {
    const whole = await readOutput(output.task.shard, other);
    const theirs = ranges === null ? whole : whole.map((tensor) => gatherRows(tensor, ranges));
    const boundsOf = (datatype: Datatype) =>
      tolerancesFor(calibration, execution_class, other.execution_class, datatype);
    const { zone, deviation, angle, rows } =
      record.sealing === undefined
        ? compareRows(output.tensors, theirs, boundsOf)
        : compareSealedRows(output.tensors, theirs, record.sealing.outputs, boundsOf);
    const rows_differing = rows.unclear + rows.fraud;
    comparisons.push({ with: other.runner, zone, deviation, angle, rows_differing });
  }
  return comparisons;
}

/** The answers to compare with, and which of their rows; null: all that they have. */
function listOthers(
  progress: JobProgress,
  { shard, role, of }: Task,
  ranges: RowRange[],
): { other: Answer; ranges: RowRange[] | null }[] {
  const { answer, checks, delivered } = shardAt(progress.shards, shard);
  if (role === "compute") return delivered === null ? [] : [{ other: delivered, ranges: null }];
  const others = answer === null ? [] : [{ other: answer, ranges }];
  if (role !== "referee") return others;
  const disputed = checks.find((check) => check.runner === of && isDisputed(check))?.answer ?? null;
  return disputed === null ? others : [...others, { other: disputed, ranges: null }];
}
