import { waitUntil } from "cloudflare:workers";
import { isFinal } from "@infernet/protocol/job-progress";
import { ERROR_CODES, InfernetError } from "@infernet/schemas/errors";
import type { AccountId } from "@infernet/schemas/ids";
import type { Job } from "@infernet/schemas/job";
import { LIMITS } from "@infernet/schemas/limits";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { aggregatorOf } from "../aggregator/aggregator-of.ts";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import { readBlob } from "../blobs/read-blob.ts";
import { unwrap } from "../rpc.ts";
import { readVectors, type Vectors } from "./render-embeddings.ts";

/**
 * The vectors of a job once it has succeeded, its checks included: nobody can tell a wrong vector by looking at it, so one
 * that is still being checked is no answer. A job that takes longer than `wait_ms`, or whose client goes away, is canceled.
 *
 * @param gone aborted when the client goes away; null when the job goes on without one
 * @throws InfernetError `answer_late`, and what the job failed of
 */
export async function awaitVectors(
  env: Env,
  account: AccountId,
  { id }: Pick<Job, "id">,
  gone: AbortSignal | null,
  wait_ms: number = LIMITS.completion_wait_ms_max,
): Promise<Vectors> {
  const aggregator = aggregatorOf(env, id);
  // A job that has ended in this moment stays as it is.
  const cancel = () => aggregator.cancel(account, id);
  const leave = () => waitUntil(cancel());
  gone?.addEventListener("abort", leave, { once: true });
  try {
    const job = unwrap(await aggregator.read(account, id, wait_ms));
    if (job.state === "succeeded") return await readResult(env, account, job);
    if (isFinal(job.state)) throw failureOf(job);
    await cancel();
    throw new InfernetError("answer_late", `${id} was not done within ${wait_ms / 1_000} s`);
  } finally {
    gone?.removeEventListener("abort", leave);
  }
}

async function readResult(env: Env, account: AccountId, { id }: Job): Promise<Vectors> {
  const { job, bytes } = unwrap(await aggregatorOf(env, id).result(account, id));
  if (job.result === null) throw new Error(`${id} has succeeded and has no result`);
  return readVectors(decodeTensors(bytes ?? (await readBlob(createBlobStore(env), job.result.sha256))));
}

function failureOf({ id, state, error }: Job): InfernetError {
  const code = ERROR_CODES.find((known) => known === error?.code) ?? "unavailable";
  return new InfernetError(code, `${id} is ${state}${error === null ? "" : `: ${error.detail}`}`);
}
