import { isFinal, shardAt } from "@infernet/protocol/job-progress";
import type { Task } from "@infernet/schemas/job-fact";
import { type Generation, isCompletion } from "@infernet/schemas/llm/generation";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import type { Lease, RowRange } from "@infernet/schemas/runner";
import { gatherRows } from "@infernet/schemas/tensor-rows";
import type { AggregatorContext } from "./context.ts";
import { completionAt } from "./job-stream.ts";
import type { OpenJob } from "./open-job.ts";
import { readGenerations } from "./read-generations.ts";
import { createOutputReader } from "./shard-output.ts";

/**
 * How the rows of a task on a model that generates text are to be worked: completions are made, from what was delivered of
 * them on; every check computes what was answered, all together. Nothing where the model makes no text.
 *
 * @param ranges the task's rows, counted from the shard's first
 */
export async function leaseGeneration(
  ctx: AggregatorContext,
  job: OpenJob,
  task: Task,
  ranges: readonly RowRange[],
): Promise<Pick<Lease, "generation">> {
  const { record, progress, stream } = job;
  if (record.generation === undefined) return {};
  if (task.role === "compute") {
    // What is computed anew in a recall, nobody reads along.
    if (stream === null || isFinal(progress.state))
      return { generation: { task: "generate", stream: false, given: null } };
    const given = completionAt(stream, task.shard).stream.given();
    return { generation: { task: "generate", stream: true, given: given === null ? null : [given] } };
  }
  const { answer } = shardAt(progress.shards, task.shard);
  if (answer === null) throw new Error(`shard ${task.shard} has no answer to check`);
  const outputs = await createOutputReader(ctx, job)(task.shard, answer);
  const generations = readGenerations(outputs.map((tensor) => gatherRows(tensor, ranges)));
  return { generation: { task: "score", stream: false, given: generations.map(givenOf) } };
}

/** A completion as it stands; of a request that came to an error nothing. */
function givenOf(generation: Generation): Given {
  if (!isCompletion(generation)) return { tokens: [], positions: 0, text: "" };
  const { tokens, text, usage } = generation;
  return { tokens, positions: tokens?.length ?? usage.completion_tokens, text };
}
