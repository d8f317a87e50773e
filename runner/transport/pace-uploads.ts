import type { Submission } from "@infernet/schemas/runner";
import type { EdgeClient } from "./edge-client.ts";
import type { TokenBucket } from "./token-bucket.ts";

/** What a submission weighs beside its tensors, for each result: ids, commitment, signature. */
const RESULT_BYTES = 600;

/**
 * The same client, whose outputs go up at the bucket's rate on average, in bytes a second, together with all others that keep to
 * it: a result that has to wait its turn waits here.
 */
export function paceUploads(client: EdgeClient, bucket: TokenBucket): EdgeClient {
  return {
    ...client,
    putBlob: async (sha256, bytes, signal) => {
      await bucket.take(bytes.byteLength, signal);
      return client.putBlob(sha256, bytes, signal);
    },
    submit: async (submission, signal, timeout_ms) => {
      await bucket.take(weigh(submission), signal);
      return client.submit(submission, signal, timeout_ms);
    },
  };
}

function weigh({ results }: Submission): number {
  let bytes = results.length * RESULT_BYTES;
  for (const result of results) {
    if (result.outcome !== "done" || typeof result.outputs === "string") continue;
    for (const { data } of result.outputs) bytes += data.byteLength;
  }
  return bytes;
}
