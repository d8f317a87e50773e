import { BILLED, type Billed } from "@infernet/edge/metering/bill-meter";

/** What one job used, of everything that is billed. */
export type Usage = Record<Billed, number>;

/** The time of these is not the job's: a dispatcher is awake as long as any runner waits. */
const AWAKE_ANYWAY = "Dispatcher";

/** The one and the other together. */
export function addUsage(one: Usage, other: Usage): Usage {
  return Object.fromEntries(BILLED.map((kind) => [kind, one[kind] + other[kind]])) as Usage;
}

/** Amounts of the meter, by `kind by`, added up and shared out over the jobs. */
export function usagePerJob(metered: Readonly<Record<string, number>>, jobs: number): Usage {
  const usage = Object.fromEntries(BILLED.map((kind) => [kind, 0])) as Usage;
  for (const [key, amount] of Object.entries(metered)) {
    const kind = BILLED.find((candidate) => key.startsWith(`${candidate} `));
    if (kind === undefined || key === `object_active_ms ${AWAKE_ANYWAY}`) continue;
    usage[kind] += amount / jobs;
  }
  return usage;
}
