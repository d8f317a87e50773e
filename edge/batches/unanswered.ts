import type { StoredBatch } from "@infernet/db/account/batches";
import type { PartOutcome } from "@infernet/schemas/batch-state";
import type { BatchId } from "@infernet/schemas/ids";
import { createBlobStore } from "../blobs/create-blob-store.ts";
import type { BatchContext } from "./batch-context.ts";
import { type AnsweredLine, ResultWriter, type Unanswered } from "./result-writer.ts";

export const EXPIRED: Unanswered = {
  code: "batch_expired",
  message: "This request could not be executed before the completion window expired.",
};

export const CANCELLED: Unanswered = {
  code: "batch_cancelled",
  message: "This request was not executed before the batch was cancelled.",
};

/** Why a batch makes no more jobs; null while it does. */
export function whyUnanswered({ record, state }: StoredBatch, now_ms: number): Unanswered | null {
  if (state.status === "cancelling") return CANCELLED;
  return now_ms >= record.expires_ms ? EXPIRED : null;
}

/** The outcome of lines that nobody worked. */
export async function leaveLines(
  ctx: BatchContext,
  batch: BatchId,
  lines: readonly AnsweredLine[],
  why: Unanswered,
  charged_micro = "0",
): Promise<PartOutcome> {
  const results = new ResultWriter(createBlobStore(ctx.env), batch);
  for (const line of lines) await results.leave(line, why);
  return results.close(charged_micro);
}
