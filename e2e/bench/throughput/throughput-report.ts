import { median } from "../quantile.ts";
import type { NetworkRun } from "./network-run.ts";
import type { Workload } from "./workload.ts";

/** A raw run and the network run right after it. */
export interface Round extends NetworkRun {
  raw_rows_per_second: number;
}

/** Medians over the rounds. */
export interface ThroughputReport {
  model: string;
  verification: string;
  rows: number;
  shards: number;
  rounds: number;
  raw_rows_per_second: number;
  /** Rows of the job, counted once. */
  network_rows_per_second: number;
  /** Rows that runners computed for it. */
  computed_rows_per_second: number;
  /** Median of the rounds' own ratios, with the smallest and the largest. */
  ratio: number;
  ratio_min: number;
  ratio_max: number;
  upload_ms: number;
}

export function summarizeRounds(
  { model, rows }: Workload,
  verification: string,
  rounds: readonly Round[],
): ThroughputReport {
  const ratios = rounds.map((round) => (rows * 1_000) / round.job_ms / round.raw_rows_per_second);
  const of = (figure: (round: Round) => number) => median(rounds.map(figure));
  return {
    model: model.name,
    verification,
    rows,
    shards: of((round) => round.shards),
    rounds: rounds.length,
    raw_rows_per_second: of((round) => round.raw_rows_per_second),
    network_rows_per_second: of(({ job_ms }) => (rows * 1_000) / job_ms),
    computed_rows_per_second: of(({ rows_computed, job_ms }) => (rows_computed * 1_000) / job_ms),
    ratio: median(ratios),
    ratio_min: Math.min(...ratios),
    ratio_max: Math.max(...ratios),
    upload_ms: of((round) => round.upload_ms),
  };
}
