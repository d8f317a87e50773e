import { isFinal } from "@infernet/protocol/job-progress";
import { splitUnits } from "@infernet/protocol/llm/stream/split-units";
import type { LeaseId } from "@infernet/schemas/ids";
import type { CommittedResult, Task } from "@infernet/schemas/job-fact";
import { type Generation, isCompletion } from "@infernet/schemas/llm/generation";
import { scoredUnits, tokenUnits } from "@infernet/schemas/llm/token-units";
import { completionAt } from "./job-stream.ts";
import type { OpenJob } from "./open-job.ts";

/** What an output of generated text weighs in the price, and who made which part of it. */
export function unitsOf(
  job: OpenJob,
  { role, shard }: Task,
  lease_id: LeaseId,
  generations: readonly Generation[],
): Pick<CommittedResult, "units" | "begun"> {
  const usages = generations.filter(isCompletion).map(({ usage }) => usage);
  if (role !== "compute") return { units: usages.reduce((sum, usage) => sum + scoredUnits(usage), 0) };
  const [usage] = usages;
  if (job.stream === null || isFinal(job.progress.state) || usage === undefined)
    return { units: usages.reduce((sum, one) => sum + tokenUnits(one), 0) };
  return splitUnits(shard, completionAt(job.stream, shard).stream.makers, lease_id, usage);
}
