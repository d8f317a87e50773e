import type { JobFact } from "@infernet/schemas/job-fact";
import type { LogEntry, ReceiptJob } from "@infernet/schemas/receipt";
import { applyFact } from "../apply-fact.ts";
import { createProgress, type JobProgress } from "../job-progress.ts";

/** One fact, with the job before and after it. */
export interface Step {
  before: JobProgress;
  entry: LogEntry;
  after: JobProgress;
}

/** The job when nothing had happened yet. */
export function startOf(job: ReceiptJob): JobProgress {
  const { id: job_id, rows, shard_rows, shards, plan: verification, created_ms, encryption } = job;
  const key_grants = encryption?.grants ?? null;
  return createProgress({ job_id, rows, shard_rows, shards, verification, key_grants }, created_ms);
}

/** Folds a log fact by fact. Throws Error when a fact cannot follow the one before. */
export function* replayLog(job: ReceiptJob, log: readonly LogEntry[]): Generator<Step> {
  let before = startOf(job);
  for (const entry of log) {
    const after = applyFact(before, entry.fact, entry.seq, entry.at_ms);
    yield { before, entry, after };
    before = after;
  }
}

/** Where a log closes: at the job's end, and at the end of every recall after it. Each closing has its receipt. */
export const listClosings = (log: readonly LogEntry[]): number[] =>
  log.flatMap(({ fact }, n) => (isClosing(fact) ? [n] : []));

function isClosing({ kind }: JobFact): boolean {
  switch (kind) {
    case "succeeded":
    case "failed":
    case "canceled":
    case "expired":
    case "upheld":
    case "revoked":
      return true;
    case "leased":
    case "committed":
    case "drawn":
    case "returned":
    case "restarted":
    case "recalled":
    case "contradicted":
    case "key_granted":
      return false;
    default:
      return kind satisfies never;
  }
}
