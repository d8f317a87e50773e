import { type LogEntry, type ReceiptJob, ReceiptOutcome } from "@infernet/schemas/receipt";
import { renderSettlement, settle } from "../settlement.ts";
import { renderVerification } from "../verification-view.ts";
import { foldLedger } from "./ledger-events.ts";

/** What a log comes to at a closing. Throws when the job is not over. */
export function renderOutcome(job: ReceiptJob, log: readonly LogEntry[]): ReceiptOutcome {
  const { progress, events } = foldLedger(job, log);
  const { state, result } = progress;
  const { reached, recall } = renderVerification(job, progress);
  return {
    state: ReceiptOutcome.shape.state.parse(state),
    result: result && { sha256: result.sha256, bytes: result.bytes, content_type: result.content_type },
    reached,
    recall,
    settlement: renderSettlement(settle(progress, job.price)),
    providers: [...events.work].map(([id, { tally }]) => ({ id, tally })),
    convicted: [...events.convicted].map(([id, { shard, as, partial, at_ms }]) => ({
      id,
      shard,
      as,
      partial,
      at_ms,
    })),
  };
}
