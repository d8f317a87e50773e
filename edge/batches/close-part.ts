import { closePart, readBatch, writeBatch } from "@infernet/db/account/batches";
import { applyBatchEvent } from "@infernet/protocol/batch/batch-state";
import type { PartOutcome } from "@infernet/schemas/batch-state";
import type { BatchId } from "@infernet/schemas/ids";
import type { BatchContext } from "./batch-context.ts";

/** Ends a part and adds what it came to, together and once. */
export function closeBatchPart(ctx: BatchContext, id: BatchId, n: number, outcome: PartOutcome): void {
  ctx.transact(() => {
    const batch = readBatch(ctx.db, id);
    if (batch === null || !closePart(ctx.db, id, n, outcome)) return;
    const state = applyBatchEvent(batch.state, { kind: "collected", outcome }, ctx.now());
    writeBatch(ctx.db, id, state, ctx.now());
  });
}
