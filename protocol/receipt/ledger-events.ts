import type { RunnerId } from "@infernet/schemas/ids";
import type { ReputationEvent } from "@infernet/schemas/provider";
import type { LogEntry, Receipt, ReceiptJob } from "@infernet/schemas/receipt";
import type { JobProgress } from "../job-progress.ts";
import { mayConvict, renderConvictions, renderWorkEvents } from "../work-event.ts";
import { replayLog, startOf } from "./replay-log.ts";

type EventOf<Kind extends ReputationEvent["kind"]> = Extract<ReputationEvent, { kind: Kind }>;

/** What the ledgers of a job's providers are told of it, each once. */
interface LedgerEvents {
  work: Map<RunnerId, EventOf<"work">>;
  convicted: Map<RunnerId, EventOf<"convicted">>;
}

/**
 * What the reputation ledgers of a job's providers were told when its receipt was issued, worked out from its log:
 * whoever has the receipts of a network comes to the same scores with `projectReputation`.
 */
export const ledgerEventsOf = ({ job, log }: Pick<Receipt, "job" | "log">): LedgerEvents =>
  foldLedger(job, log).events;

/** The job after a log, and what the ledgers are told of it then. */
export function foldLedger(
  job: ReceiptJob,
  log: readonly LogEntry[],
): { progress: JobProgress; events: LedgerEvents } {
  const convicted: LedgerEvents["convicted"] = new Map();
  let progress = startOf(job);
  for (const { entry, after } of replayLog(job, log)) {
    progress = after;
    const { fact, at_ms } = entry;
    if (!mayConvict(fact)) continue;
    // A conviction counts from the fact that it came with.
    for (const [id, event] of renderConvictions(progress, at_ms))
      if (event.kind === "convicted" && !convicted.has(id)) convicted.set(id, event);
  }
  const work: LedgerEvents["work"] = new Map();
  for (const [id, event] of renderWorkEvents(progress, job.price, log.at(-1)?.at_ms ?? job.created_ms))
    if (event.kind === "work") work.set(id, event);
  return { progress, events: { work, convicted } };
}
