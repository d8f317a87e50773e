import { InfernetError } from "@infernet/schemas/errors";
import type { AccountId, JobId } from "@infernet/schemas/ids";
import { FROM_START, type StreamRecord, type StreamStart } from "./stream-records.ts";

/**
 * What becomes of a job whose rows are streamed, as it comes, until the job is over. Whoever stops reading cancels the
 * stream (`cancel()` of the reader): the last one to go may cancel the job with it, see `JobGeneration`.
 *
 * Throws `not_found`, for another account's job too.
 */
export async function openStream(
  _env: Env,
  _account: AccountId,
  job: JobId,
  _from: StreamStart = FROM_START,
): Promise<ReadableStream<StreamRecord>> {
  throw new InfernetError("unavailable", `${job} cannot be streamed yet`);
}
