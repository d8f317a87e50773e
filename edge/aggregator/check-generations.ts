import { isFinal } from "@infernet/protocol/job-progress";
import { assertAllowed, assertContinues } from "@infernet/protocol/llm/stream/assert-completion";
import { InfernetError } from "@infernet/schemas/errors";
import type { Task } from "@infernet/schemas/job-fact";
import { type Generation, isCompletion } from "@infernet/schemas/llm/generation";
import type { RowRange } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import type { AggregatorContext } from "./context.ts";
import { completionAt } from "./job-stream.ts";
import type { OpenJob } from "./open-job.ts";
import { readGenerations } from "./read-generations.ts";
import { readAllowances } from "./row-allowances.ts";

/**
 * The completions of an output, each as its request allows and one that was streamed as it was delivered; null where the
 * model makes no text. Throws `generation_invalid` and `stream_differs`.
 *
 * @param ranges the task's rows, counted from the shard's first
 */
export async function checkGenerations(
  ctx: AggregatorContext,
  job: OpenJob,
  task: Task,
  ranges: readonly RowRange[],
  outputs: readonly Tensor[],
): Promise<Generation[] | null> {
  if (job.record.generation === undefined) return null;
  const generations = readGenerations(outputs);
  const allowances = await readAllowances(ctx, job);
  const first = task.shard * job.record.shard_rows;
  const rows = ranges.flatMap(({ start, count }) => Array.from({ length: count }, (_, n) => start + n));
  for (const [n, generation] of generations.entries()) {
    const row = first + (rows[n] ?? 0);
    const allowance = allowances[row];
    if (allowance !== undefined && isCompletion(generation)) assertAllowed(row, generation, allowance);
  }
  assertStreamed(job, task, generations);
  return generations;
}

/** Holds the answer to a streamed prompt against what was delivered by now. Throws `stream_differs`. */
export function assertStreamed(
  job: OpenJob,
  { role, shard }: Task,
  generations: readonly Generation[],
): void {
  if (job.stream === null || role !== "compute" || isFinal(job.progress.state)) return;
  const { stream } = completionAt(job.stream, shard);
  const [generation] = generations;
  if (generation === undefined) return;
  if (isCompletion(generation)) assertContinues(shard, generation, stream);
  else if (stream.positions > 0)
    throw new InfernetError(
      "stream_differs",
      `row ${shard}: an error, where ${stream.positions} positions were delivered`,
    );
}
