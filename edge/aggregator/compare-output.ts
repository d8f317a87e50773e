import { outputsAgree } from "@infernet/protocol/compare";
import { type Answer, type JobProgress, shardAt } from "@infernet/protocol/job-progress";
import { isDisputed } from "@infernet/protocol/shard-state";
import type { Task } from "@infernet/schemas/job-fact";
import type { RowRange } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { gatherRows } from "@infernet/schemas/tensor-rows";
import type { Comparison } from "@infernet/schemas/verification";
import type { OpenJob } from "./open-job.ts";
import type { PreparedOutput } from "./prepare-output.ts";
import type { OutputReader } from "./shard-output.ts";

/**
 * Holds an output against what it says something about: a check against the answer, a referee's also against the check
 * that it decides, and an answer of a recall against the one that was delivered.
 */
export async function compareOutput(
  { progress }: OpenJob,
  output: PreparedOutput,
  readOutput: OutputReader,
): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const { other, ranges } of listOthers(progress, output.task, output.ranges)) {
    const whole = await readOutput(output.task.shard, other);
    const theirs = ranges === null ? whole : whole.map((tensor) => gatherRows(tensor, ranges));
    comparisons.push({ with: other.runner, ...compare(output, other, theirs) });
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

function compare(output: PreparedOutput, _other: Answer, theirs: Tensor[]): Omit<Comparison, "with"> {
  const zone = outputsAgree(output.tensors, theirs) ? "match" : "fraud";
  return { zone, deviation: null, angle: null };
}
