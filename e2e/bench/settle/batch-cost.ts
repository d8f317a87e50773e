/** Jobs of one shard each that one settlement pays, and how many providers computed them. */
export interface Batch {
  shards: number;
  payees: number;
}

export interface Assumptions {
  usd_per_job: number;
  usd_per_sol: number;
}

export interface BatchCost extends Batch {
  /** Payees of each release. */
  releases: number[];
  lamports: number;
  lamports_per_job: number;
  usd_per_job: number;
  /** Of what the jobs cost their client. */
  share: number;
}

/** The share of a job's price that settling it may cost. */
export const SHARE_GOAL = 0.001;

const LAMPORTS_PER_SOL = 1_000_000_000;

/** Payees of each release, as few releases as there can be. @param most how many fit into one */
export function splitPayees(payees: number, most: number): number[] {
  const full = Math.floor(payees / most);
  const rest = payees % most;
  return [...new Array<number>(full).fill(most), ...(rest > 0 ? [rest] : [])];
}

/** @param feeOf lamports of the batch's n-th release, from 0, to so many payees */
export function costBatch(
  batch: Batch,
  most: number,
  feeOf: (payees: number, n: number) => number,
  { usd_per_job, usd_per_sol }: Assumptions,
): BatchCost {
  const releases = splitPayees(batch.payees, most);
  const lamports = releases.reduce((sum, payees, n) => sum + feeOf(payees, n), 0);
  const lamports_per_job = lamports / batch.shards;
  const usd = (lamports_per_job / LAMPORTS_PER_SOL) * usd_per_sol;
  return { ...batch, releases, lamports, lamports_per_job, usd_per_job: usd, share: usd / usd_per_job };
}

/** Jobs from which on so many lamports are within the goal. */
export const jobsToReachGoal = (lamports: number, { usd_per_job, usd_per_sol }: Assumptions): number =>
  // Divided once, of products that are exact: a job less or more would come of rounding.
  Math.ceil((lamports * usd_per_sol) / Math.round(LAMPORTS_PER_SOL * usd_per_job * SHARE_GOAL));

/** Dollars for a SOL up to which so many lamports for so many jobs are within the goal. */
export const solPriceToReachGoal = (lamports: number, jobs: number, usd_per_job: number): number =>
  (jobs * Math.round(LAMPORTS_PER_SOL * usd_per_job * SHARE_GOAL)) / lamports;
