import type { Sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import type { BlobStore } from "./blob-store.ts";
import { verifyDigest } from "./verify-digest.ts";

export type StoreOutcome = "created" | "existing";

/**
 * Stores what a caller sends under the digest it claims, checking it on the way. A blob that is there already is not
 * written again. Throws `digest_mismatch`, `body_too_large`, `request_malformed`; nothing is stored then.
 */
export async function storeUpload(
  store: BlobStore,
  claimed: Sha256,
  body: ReadableStream<Uint8Array>,
  bytes: number,
): Promise<StoreOutcome> {
  if (bytes > LIMITS.blob_bytes_max) {
    throw new InfernetError(
      "body_too_large",
      `A blob has at most ${LIMITS.blob_bytes_max} bytes, not ${bytes}.`,
    );
  }
  if (await store.head(claimed)) {
    // Reading on to the end lets clients that send before they listen hear the answer.
    await body.pipeTo(new WritableStream());
    return "existing";
  }
  const verified = verifyDigest(claimed, bytes);
  // A store may wrap what a stream failed of; the pipe has the failure itself.
  const [piped, stored] = await Promise.allSettled([
    body.pipeTo(verified.writable),
    store.put(claimed, verified.readable, bytes),
  ]);
  if (piped.status === "rejected") throw piped.reason;
  if (stored.status === "rejected") throw stored.reason;
  return "created";
}
