import type { AccountId, JobId } from "@infernet/schemas/ids";
import { unwrap } from "../rpc.ts";
import { aggregatorOf } from "./aggregator-of.ts";
import { FROM_START, type StreamRecord, type StreamStart } from "./stream-records.ts";

/**
 * What becomes of a job whose rows are streamed, as it comes, until the job is over. Whoever stops reading cancels the
 * stream (`cancel()` of the reader): the last one to go may cancel the job with it, see `JobGeneration`.
 *
 * Throws `not_found`, for another account's job too, and `not_streamed`.
 */
export async function openStream(
  env: Env,
  account: AccountId,
  job: JobId,
  from: StreamStart = FROM_START,
): Promise<ReadableStream<StreamRecord>> {
  const lines = unwrap(await aggregatorOf(env, job).stream(account, job, from));
  const reader = lines.getReader();
  const decoder = new TextDecoder();
  let unfinished = "";
  return new ReadableStream<StreamRecord>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          const texts = (unfinished + decoder.decode(value, { stream: true })).split("\n");
          unfinished = texts.pop() ?? "";
          // The object is this Worker's own code: what it says needs no second check.
          const told = texts.filter((text) => text !== "");
          for (const text of told) controller.enqueue(JSON.parse(text) as StreamRecord);
          if (told.length > 0) return;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
