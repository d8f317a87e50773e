import type { BatchCost } from "./batch-cost.ts";
import type { ReleaseKind } from "./measure-releases.ts";
import type { TransactionReport } from "./summarize-rounds.ts";
import type { WorkerSize } from "./worker-size.ts";

/** A release without a priority fee, and what the same was with one. */
export interface ReleaseReport extends TransactionReport, ReleaseKind {
  priority: { bytes: number; fee_lamports: number };
}

/** Within a voucher that was shown before, without a priority fee and with it; and when its first release shows one. */
export interface BatchReport {
  plain: BatchCost;
  priority: BatchCost;
  showing: BatchCost;
}

export interface SettleReport {
  assumed: {
    as_of: string;
    usd_per_sol: number;
    usd_per_job: number;
    priority_micro_lamports: number;
    unit_limit: number;
    share_goal: number;
  };
  rounds: number;
  releases: ReleaseReport[];
  others: TransactionReport[];
  batches: BatchReport[];
  worker: WorkerSize;
}
