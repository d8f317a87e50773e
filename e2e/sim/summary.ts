import { median } from "../bench/quantile.ts";
import type { Run } from "./run-scenario.ts";
import type { Scenario } from "./scenarios.ts";
import type { Tally } from "./tally.ts";

/** What all seeds of a scenario come to. Shares are of 1; each seed weighs the same. */
export interface Summary {
  scenario: Scenario;
  seeds: number;
  shards: number;
  /** Wrong shards of all delivered, at the jobs' ends and after recall; rows likewise. */
  delivered_share: number;
  final_share: number;
  final_rows_share: number;
  wrong_delivered: number;
  wrong_final: number;
  /** Of what was wrong when delivered, what was corrected afterwards; null when nothing was. */
  recalled_share: number | null;
  compute_median: number;
  compute_worst: number;
  honest_slashed: number;
  honest_executions: number;
  unpaid_share: number;
  referee_share: number;
  ejected_share: number;
  audits_to_ejection: number | null;
  stealth_bound: number;
  jobs_failed: number;
  imbalance_micro: number;
  refunded_micro: number;
  refused: number;
  run_ms_median: number;
}

export function summarise(scenario: Scenario, runs: readonly Run[]): Summary {
  const tallies = runs.map(({ tally }) => tally);
  const sum = (count: (tally: Tally) => number): number =>
    tallies.reduce((total, tally) => total + count(tally), 0);
  const share = (part: (tally: Tally) => number, whole: (tally: Tally) => number): number =>
    sum(whole) === 0 ? 0 : sum(part) / sum(whole);
  const factors = tallies.map((tally) => tally.rows_computed / tally.rows);
  const wrong_delivered = sum((tally) => tally.wrong_delivered);
  const wrong_final = sum((tally) => tally.wrong_final);
  const ejected = sum((tally) => tally.liars_ejected);
  return {
    scenario,
    seeds: runs.length,
    shards: sum((tally) => tally.shards),
    delivered_share: share(
      (tally) => tally.wrong_delivered,
      (tally) => tally.shards,
    ),
    final_share: share(
      (tally) => tally.wrong_final,
      (tally) => tally.shards,
    ),
    final_rows_share: share(
      (tally) => tally.wrong_rows_final,
      (tally) => tally.rows,
    ),
    wrong_delivered,
    wrong_final,
    recalled_share: wrong_delivered === 0 ? null : 1 - wrong_final / wrong_delivered,
    compute_median: median(factors),
    compute_worst: Math.max(...factors),
    honest_slashed: sum((tally) => tally.honest_slashed),
    honest_executions: sum((tally) => tally.honest_executions),
    unpaid_share: share(
      (tally) => tally.honest_rows_unpaid,
      (tally) => tally.honest_rows,
    ),
    referee_share: share(
      (tally) => tally.rows_by_referees,
      (tally) => tally.rows,
    ),
    ejected_share: share(
      (tally) => tally.liars_ejected,
      (tally) => tally.liars,
    ),
    audits_to_ejection: ejected === 0 ? null : sum((tally) => tally.audits_to_ejection) / ejected,
    stealth_bound: sum((tally) => tally.stealth_bound) / runs.length,
    jobs_failed: sum((tally) => tally.jobs_failed),
    imbalance_micro: sum((tally) => Math.abs(tally.imbalance_micro)),
    refunded_micro: sum((tally) => tally.refunded_micro),
    refused: sum((tally) => tally.refused),
    run_ms_median: median(runs.map(({ took_ms }) => took_ms)),
  };
}

/** The share that a promise is about: of shards, or of rows where single rows are spoiled. */
export const wrongShare = ({ scenario, final_share, final_rows_share }: Summary): number =>
  scenario.unit === "rows" ? final_rows_share : final_share;

/** The share of wrong that a scenario's client was promised not to get; null when it named none. */
export function promiseOf({ world }: Scenario): number | null {
  const { verification } = world;
  if (verification === undefined) return 1e-4;
  return "assurance" in verification ? Number((1 - verification.assurance).toPrecision(6)) : null;
}
