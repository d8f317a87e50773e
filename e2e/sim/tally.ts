/** What one run counts. Rows and shards are those of all jobs together. */
export interface Tally {
  shards: number;
  rows: number;
  jobs_failed: number;
  /** Wrong at the jobs' ends, as the client first got them. */
  wrong_delivered: number;
  wrong_rows_delivered: number;
  /** Wrong after everything that was recalled has been checked again. */
  wrong_final: number;
  wrong_rows_final: number;
  /** Rows computed by whomever and for whatever, of use or not. */
  rows_computed: number;
  rows_by_referees: number;
  rows_by_probes: number;
  /** Tasks that honest machines have handed in. */
  honest_executions: number;
  honest_slashed: number;
  /** Rows that honest machines handed in in time, and of them those that nobody pays. */
  honest_rows: number;
  honest_rows_unpaid: number;
  liars: number;
  liars_ejected: number;
  /** Checks of each ejected liar's answers from its first wrong one to its conviction, summed. */
  audits_to_ejection: number;
  /** Commitments that were refused: none of them convicts anybody. */
  refused: number;
  recalls: number;
  refunded_micro: number;
  /** What the books are out by beyond what rounding leaves, in micro-units; 0 is right. */
  imbalance_micro: number;
  /** Mean of the stealth bounds that are published, at the end, of the providers that are left. */
  stealth_bound: number;
  /** From a job's being posted to its end, in ms of the fake clock, the longest. */
  job_ms_max: number;
}

export const createTally = (): Tally => ({
  shards: 0,
  rows: 0,
  jobs_failed: 0,
  wrong_delivered: 0,
  wrong_rows_delivered: 0,
  wrong_final: 0,
  wrong_rows_final: 0,
  rows_computed: 0,
  rows_by_referees: 0,
  rows_by_probes: 0,
  honest_executions: 0,
  honest_slashed: 0,
  honest_rows: 0,
  honest_rows_unpaid: 0,
  liars: 0,
  liars_ejected: 0,
  audits_to_ejection: 0,
  refused: 0,
  recalls: 0,
  refunded_micro: 0,
  imbalance_micro: 0,
  stealth_bound: 0,
  job_ms_max: 0,
});
