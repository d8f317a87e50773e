import { type ReceiptJob, ReceiptOutcome } from "@infernet/schemas/receipt";
import type { JobProgress } from "../job-progress.ts";
import { renderVerification } from "../verification-view.ts";
import { renderConvictions } from "../work-event.ts";
import { renderLedgerWork } from "./ledger-events.ts";

/** What a log comes to at a closing. Throws when the job is not over. */
export function renderOutcome(job: ReceiptJob, progress: JobProgress, at_ms: number): ReceiptOutcome {
  const { state, result } = progress;
  const { reached, recall } = renderVerification(job, progress);
  return {
    state: ReceiptOutcome.shape.state.parse(state),
    result: result && { sha256: result.sha256, bytes: result.bytes, content_type: result.content_type },
    reached,
    recall,
    providers: renderLedgerWork(job, progress, at_ms).map(([id, { tally }]) => ({ id, tally })),
    convicted: [...renderConvictions(progress, at_ms)].flatMap(([id, event]) =>
      event.kind === "convicted" ? { id, shard: event.shard, as: event.as } : [],
    ),
  };
}
