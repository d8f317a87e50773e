import { classifyAnswer } from "@infernet/protocol/submission-rules";
import type { RunnerId } from "@infernet/schemas/ids";
import type { Task } from "@infernet/schemas/job-fact";
import type { ShardResult, SubmissionReceipt } from "@infernet/schemas/runner";
import type { OpenJob } from "./open-job.ts";
import { refused } from "./submission-receipts.ts";

/** The task that a result is for; the receipt of one that is of no use. */
export function judge(job: OpenJob, runner: RunnerId, result: ShardResult): Task | SubmissionReceipt {
  if (result.shard >= job.record.shards)
    return refused(result, "lease_unknown", `the job has no shard ${result.shard}`);
  const standing = classifyAnswer(job.progress, runner, result.lease_id, result.shard);
  if (standing.kind === "wanted") return standing.task;
  if (standing.kind === "unknown") return refused(result, "lease_unknown", standing.why);
  return { lease_id: result.lease_id, status: standing.kind, code: null, detail: standing.why };
}
