import { shardAt } from "@infernet/protocol/job-progress";
import { listBegun } from "@infernet/protocol/llm/stream/split-units";
import type { Begun } from "@infernet/schemas/job-fact";
import type { AggregatorContext } from "./context.ts";
import type { OpenJob } from "./open-job.ts";
import { knownAllowances } from "./row-allowances.ts";

/** What was delivered of completions that will not be finished. Where its maker did not count the prompt, about what it is. */
export function listUnfinished(ctx: AggregatorContext, job: OpenJob): Begun[] {
  const { stream, progress } = job;
  return (stream?.completions ?? []).flatMap((completion, shard) => {
    if (shardAt(progress.shards, shard).answer !== null) return [];
    const likely = knownAllowances(ctx, job)?.[shard]?.prompt_tokens_likely ?? 0;
    return listBegun(shard, completion.stream.makers, completion.prompt_tokens ?? likely);
  });
}
