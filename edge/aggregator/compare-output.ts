import { outputsAgree } from "@infernet/protocol/compare";
import { shardAt, validCommitments } from "@infernet/protocol/job-progress";
import type { RunnerId } from "@infernet/schemas/ids";
import type { OpenJob } from "./open-job.ts";
import type { PreparedOutput } from "./prepare-output.ts";
import type { OutputReader } from "./shard-output.ts";

/** The providers whose earlier answer to the shard says the same as this one. */
export async function compareOutput(
  { progress }: OpenJob,
  output: PreparedOutput,
  readOutput: OutputReader,
): Promise<RunnerId[]> {
  const { shard } = output.result;
  const agreeing: RunnerId[] = [];
  for (const earlier of validCommitments(progress, shardAt(progress.shards, shard))) {
    const same =
      earlier.output_sha256 === output.sha256 ||
      outputsAgree(await readOutput(shard, earlier), output.tensors);
    if (same) agreeing.push(earlier.runner);
  }
  return agreeing;
}
