import type { Draft } from "@infernet/protocol/draft";
import type { JobPlan, JobProgress } from "@infernet/protocol/job-progress";
import type { LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { JobResult } from "@infernet/schemas/job";
import type { PriceTerms } from "@infernet/schemas/price";
import type { Said } from "../said.ts";

/** One job as the edge holds it, and what is behind its commitments, which only the simulator knows. */
export interface SimJob {
  index: number;
  plan: JobPlan;
  /** Facts are folded into one draft, so that thousands of them copy nothing. */
  draft: Draft;
  /** What the draft has come to: to be looked at, and gone with the next fact. */
  readonly progress: JobProgress;
  price: PriceTerms;
  posted_ms: number;
  deadline_ms: number;
  /** What was said by each commitment; one that is not here told the truth exactly. */
  said: Map<LeaseId, Said>;
  /** Shards that wait to be computed. */
  ready: number;
  /** Shards that may have one lease more, as the last look at the clock found. */
  slow: number;
  /** Rows that each runner has handed in in time. */
  rows_taken: Map<RunnerId, number>;
  /** Convictions that the providers' ledgers have. */
  reported: Set<RunnerId>;
  hasAlarm: boolean;
  isSettling: boolean;
  /** When it succeeded; null: it has not. */
  delivered_ms: number | null;
}

/** Nothing is merged here: every result is called the same. */
export const RESULT: JobResult = {
  url: "https://sim.invalid/result",
  sha256: "0".repeat(64) as JobResult["sha256"],
  bytes: 0,
  content_type: "application/octet-stream",
  outputs: [],
  expires_at: "2026-01-03T00:00:00.000Z",
};
