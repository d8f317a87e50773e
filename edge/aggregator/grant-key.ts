import { isOpen } from "@infernet/protocol/job-progress";
import { renderJob } from "@infernet/protocol/job-view";
import type { KeyGrant } from "@infernet/schemas/encryption";
import { InfernetError } from "@infernet/schemas/errors";
import type { AccountId, JobId } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import type { AggregatorContext } from "./context.ts";
import { NO_OFFER } from "./open-job.ts";
import { findOwnJob } from "./read-job.ts";
import { recordFact } from "./record-fact.ts";
import { settleJob } from "./settle-job.ts";

/**
 * Lets more providers take part in a sealed job. The same grants again change nothing. Throws `not_sealed`, `job_finished`
 * and `encryption_invalid` when there would be too many.
 */
export function grantKey(
  ctx: AggregatorContext,
  account: AccountId,
  id: JobId,
  grants: readonly KeyGrant[],
): Job {
  const job = findOwnJob(ctx, account, id);
  const { keys, keys_granted, state } = job.progress;
  if (keys === null) throw new InfernetError("not_sealed", `${id} is not sealed`);
  if (!isOpen(job.progress)) throw new InfernetError("job_finished", `${id} is ${state}`);
  const fresh = grants.filter((grant) => keys.get(grant.provider)?.sealed_key !== grant.sealed_key);
  if (fresh.length === 0) return renderJob(job.record, job.progress);
  const granted = keys_granted + fresh.length;
  if (granted > LIMITS.key_grants_max)
    throw new InfernetError(
      "encryption_invalid",
      `the job would have been granted ${granted} times; ${LIMITS.key_grants_max} are allowed`,
    );
  recordFact(ctx, job, { kind: "key_granted", grants: fresh });
  // The dispatchers have to hear of those who may take it now.
  job.offered = NO_OFFER;
  settleJob(ctx, job);
  return renderJob(job.record, job.progress);
}
