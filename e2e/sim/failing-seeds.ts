import type { Run } from "./run-scenario.ts";
import type { Scenario } from "./scenarios.ts";
import type { SimOptions } from "./sim-options.ts";
import { promiseOf, summarise, wrongShare } from "./summary.ts";

/** Why a run by itself is not as it should be; null when it is. Where less is assumed than the promise needs, all is. */
export function explainFailure(scenario: Scenario, run: Run): string | null {
  if (!["zoo", "dial", "recall"].includes(scenario.part)) return null;
  const one = summarise(scenario, [run]);
  if (one.honest_slashed > 0) return `${one.honest_slashed} honest machine(s) were convicted`;
  if (one.jobs_failed > 0) return `${one.jobs_failed} job(s) failed`;
  if (one.imbalance_micro !== 0) return `the books are out by ${one.imbalance_micro} micro-units`;
  if (one.compute_worst > COMPUTE_MAX) return `the compute factor is ${one.compute_worst.toFixed(2)}`;
  const promise = promiseOf(scenario);
  // A single run has too few shards for the promise itself: what is far beyond it is no accident.
  return promise !== null && wrongShare(one) > FAR * promise
    ? `${one.wrong_final} of ${one.shards} shards are wrong`
    : null;
}

const COMPUTE_MAX = 1.5;
const FAR = 5;

/** What runs one seed again. */
export function replayCommand({ name }: Scenario, seed: number, options: Replayed): string {
  const { adversary, assurance, referees } = options;
  return [
    "npm run sim --",
    adversary === null ? `--only ${name}` : `--adversary ${adversary}`,
    ...(assurance === null ? [] : [`--assurance ${assurance}`]),
    ...(referees === null ? [] : ["--referee none"]),
    `--seed ${seed}`,
  ].join(" ");
}

type Replayed = Pick<SimOptions, "adversary" | "assurance" | "referees">;
