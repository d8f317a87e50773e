import type { RunnerId } from "@infernet/schemas/ids";
import type { ReputationEvent } from "@infernet/schemas/provider";
import type { Receipt, ReceiptJob } from "@infernet/schemas/receipt";
import type { JobProgress } from "../job-progress.ts";
import { payable } from "../refund.ts";
import { renderWorkEvents } from "../work-event.ts";
import { foldLog } from "./replay-log.ts";

type WorkEvent = Extract<ReputationEvent, { kind: "work" }>;

/**
 * What the reputation ledgers of a job's providers were told when its receipt was issued, worked out from the receipt's
 * log: whoever has the receipts of a network comes to the same scores with `projectReputation`.
 */
export function workEventsOf({ job, log }: Pick<Receipt, "job" | "log">): Map<RunnerId, WorkEvent> {
  const at_ms = log.at(-1)?.at_ms ?? job.created_ms;
  return new Map(renderLedgerWork(job, foldLog(job, log), at_ms));
}

/** @param at_ms when the job, or its recall, was over */
export function renderLedgerWork(
  { quoted_micro }: ReceiptJob,
  progress: JobProgress,
  at_ms: number,
): [RunnerId, WorkEvent][] {
  const paid = payable(progress, BigInt(quoted_micro));
  return [...renderWorkEvents(progress, paid, at_ms)].flatMap(([id, event]) =>
    event.kind === "work" ? [[id, event]] : [],
  );
}
