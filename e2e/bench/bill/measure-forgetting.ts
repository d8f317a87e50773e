import { aggregatorName } from "@infernet/schemas/aggregator-name";
import type { JobId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { MeteredEdge } from "./start-metered-edge.ts";
import { type Usage, usagePerJob } from "./usage.ts";

const DAY_MS = 24 * 3600 * 1000;
/** When every day that the jobs were made on is over and forgotten. */
const FORGOTTEN_MS = 2 * DAY_MS + LIMITS.job_deadline_ms_max + LIMITS.job_retention_ms;

/** What it costs to forget one job, measured over all of them: their days are dropped, their lines leave the lists. */
export async function measureForgetting(edge: MeteredEdge, jobs: readonly JobId[]): Promise<Usage> {
  await edge.takeMeter();
  for (const object of new Set(jobs.map(aggregatorName))) await edge.sweep(object, FORGOTTEN_MS);
  return usagePerJob(await edge.takeMeter(), jobs.length);
}
