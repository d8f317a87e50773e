import type { NewJob } from "@infernet/db/aggregator/jobs";
import type { Job, JobRequest } from "@infernet/schemas/job";
import { aggregatorAt, aggregatorBefore, aggregatorOf } from "../aggregator/aggregator-of.ts";
import { unwrap } from "../rpc.ts";
import { choosePartition } from "./choose-partition.ts";
import { prepareJob, type Submitter } from "./prepare-job.ts";

/** An Idempotency-Key and the digest of the payload that came with it. */
export type Idempotency = NonNullable<NewJob["idempotency"]>;

export interface Submitted {
  job: Job;
  /** Whether an earlier request of the same key made it. */
  replayed: boolean;
}

/**
 * Sets aside what the job can cost, before there is a job. Should this request die before there is one, the account asks
 * for it in a while and takes the funds back.
 */
async function reserveFor(
  env: Env,
  { id, account_id, price, deadline_ms }: NewJob["record"],
  isPurchase: boolean,
): Promise<void> {
  if (price.quoted_micro === "0") return;
  unwrap(await env.ACCOUNT.getByName(account_id).reserve(id, price, deadline_ms, isPurchase));
}

/** A request whose rest is found out only when there is no job for it yet. */
export interface PendingRequest extends Pick<JobRequest, "generation"> {
  complete: () => Promise<JobRequest>;
}

/**
 * Makes a job, or finds the one that the same Idempotency-Key made before, today or yesterday.
 */
export async function submitJob(
  env: Env,
  request: JobRequest | PendingRequest,
  by: Submitter,
  idempotency: Idempotency | null,
): Promise<Submitted> {
  const now_ms = Date.now();
  const partition = await choosePartition(
    by.account.id,
    idempotency?.key ?? null,
    request.generation?.stream === true,
  );
  const create = async (): Promise<Submitted> => {
    const asked = "complete" in request ? await request.complete() : request;
    const job = await prepareJob(env, asked, by, { partition, idempotency, now_ms });
    await reserveFor(env, job.record, by.purchase !== undefined);
    return { job: await aggregatorOf(env, job.record.id).create(job), replayed: false };
  };
  if (idempotency === null) return create();
  const { key, request_sha256 } = idempotency;
  const today = aggregatorAt(env, partition, now_ms);
  const earlier =
    unwrap(await aggregatorBefore(env, partition, now_ms).findRequest(key, request_sha256)) ??
    unwrap(await today.begin(key, request_sha256));
  if (earlier !== null) return { job: earlier, replayed: true };
  try {
    return await create();
  } catch (error) {
    await today.abandon(key);
    throw error;
  }
}
