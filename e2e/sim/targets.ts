import { promiseOf, type Summary, wrongShare } from "./summary.ts";

/** One of the numbers to reach. */
export interface Target {
  what: string;
  limit: string;
  value: string;
  isMet: boolean;
  /** Scenarios to look at when it is missed. */
  scenarios: string[];
}

const COMPUTE_MEDIAN_MAX = 1.35;
const COMPUTE_WORST_MAX = 1.5;
const COMPUTE_HONEST_MAX = 1.22;
const EXECUTIONS_MIN = 200_000;
const RECALLED_MIN = 0.99;
const RUN_MS_MAX = 10_000;

/** The numbers to reach, as far as these scenarios say anything about them. */
export function checkTargets(summaries: readonly Summary[]): Target[] {
  const of = (...parts: string[]): Summary[] =>
    summaries.filter(({ scenario }) => parts.includes(scenario.part));
  const protocol = of("zoo", "dial", "recall");
  return [
    ...worst(
      "wrong after recall, at most as promised",
      of("zoo", "dial"),
      exceeded,
      (s) => wrongShare(s) <= (promiseOf(s.scenario) ?? 1),
    ),
    ...worst(
      "compute factor, median of the seeds",
      of("zoo"),
      (s) => s.compute_median,
      (s) => s.compute_median <= COMPUTE_MEDIAN_MAX,
      `<= ${COMPUTE_MEDIAN_MAX}`,
    ),
    ...worst(
      "compute factor, worst seed",
      of("zoo"),
      (s) => s.compute_worst,
      (s) => s.compute_worst <= COMPUTE_WORST_MAX,
      `<= ${COMPUTE_WORST_MAX}`,
    ),
    ...worst(
      "compute factor, nobody lies",
      of("zoo").filter(({ scenario }) => scenario.name === "honest"),
      (s) => s.compute_worst,
      (s) => s.compute_worst <= COMPUTE_HONEST_MAX,
      `<= ${COMPUTE_HONEST_MAX}`,
    ),
    ...slashed(protocol),
    ...worst(
      "wrong results delivered that were recalled",
      of("recall"),
      (s) => -(s.recalled_share ?? 1),
      (s) => (s.recalled_share ?? 1) >= RECALLED_MIN,
      `>= ${RECALLED_MIN}`,
    ),
    ...worst(
      "micro-units that the books are out by",
      protocol,
      (s) => s.imbalance_micro,
      (s) => s.imbalance_micro === 0,
      "0",
    ),
    ...worst(
      "jobs that failed",
      of("zoo", "dial", "recall"),
      (s) => s.jobs_failed,
      (s) => s.jobs_failed === 0,
      "0",
    ),
    ...worst(
      "wrong rows of stealthy liars, of the published bound",
      of("zoo", "dial").filter(({ scenario }) => scenario.unit === "rows"),
      (s) => s.final_rows_share / s.stealth_bound,
      (s) => s.final_rows_share <= s.stealth_bound,
      "<= 1",
    ),
    ...ablation(of("ablation")),
    ...worst(
      "ms for 10,000 shards, median",
      of("zoo"),
      (s) => s.run_ms_median,
      (s) => s.run_ms_median <= RUN_MS_MAX,
      `<= ${RUN_MS_MAX}`,
    ),
  ];
}

/** Share of the promise that is used up. */
const exceeded = (summary: Summary): number => wrongShare(summary) / (promiseOf(summary.scenario) ?? 1);

function worst(
  what: string,
  summaries: readonly Summary[],
  measure: (summary: Summary) => number,
  isMet: (summary: Summary) => boolean,
  limit = "<= 1 of it",
): Target[] {
  const [first, ...rest] = summaries;
  if (first === undefined) return [];
  const top = rest.reduce((most, one) => (measure(one) > measure(most) ? one : most), first);
  const value = Math.abs(measure(top));
  return [
    {
      what,
      limit,
      value: `${renderNumber(value)} (${top.scenario.name})`,
      isMet: summaries.every(isMet),
      scenarios: summaries.filter((one) => !isMet(one)).map(({ scenario }) => scenario.name),
    },
  ];
}

function slashed(summaries: readonly Summary[]): Target[] {
  if (summaries.length === 0) return [];
  const total = summaries.reduce((sum, one) => sum + one.honest_slashed, 0);
  const executions = summaries.reduce((sum, one) => sum + one.honest_executions, 0);
  const guilty = summaries.filter((one) => one.honest_slashed > 0).map(({ scenario }) => scenario.name);
  const limit = `0 in ${EXECUTIONS_MIN.toLocaleString("en")}`;
  const value = `${total} in ${executions.toLocaleString("en")} executions`;
  return [{ what: "honest machines convicted", limit, value, isMet: total === 0, scenarios: guilty }];
}

function ablation(summaries: readonly Summary[]): Target[] {
  const late = summaries.find(({ scenario }) => scenario.name === "late-draw");
  const early = summaries.find(({ scenario }) => scenario.name === "early-draw");
  if (late === undefined || early === undefined) return [];
  return [
    {
      what: "what a patient cabal gains by late draws, by early ones",
      limit: "0, more",
      value: `${renderNumber(late.delivered_share)}, ${renderNumber(early.delivered_share)}`,
      isMet: late.wrong_delivered === 0 && early.wrong_delivered > 0,
      scenarios: ["late-draw", "early-draw"],
    },
  ];
}

/** Four digits at most. */
export const renderNumber = (value: number): string => {
  if (value === 0) return "0";
  return value < 0.01 ? value.toExponential(1) : String(Number(value.toPrecision(4)));
};
