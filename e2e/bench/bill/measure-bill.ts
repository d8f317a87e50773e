import { setTimeout as delay } from "node:timers/promises";
import type { JobId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { Verification } from "@infernet/schemas/verification";
import { tinyJob } from "../../live/tiny-job.ts";
import type { ApiClient } from "../../network/api-client.ts";
import { treeCpuMs } from "../process-use.ts";
import type { MeteredEdge } from "./start-metered-edge.ts";
import { type Usage, usagePerJob } from "./usage.ts";

export interface Bill {
  usage: Usage;
  /** Processor time of the edge for one job, the meter's own included. */
  cpu_ms: number;
  ids: JobId[];
  /** As the meter gave it, for all jobs. */
  metered: Record<string, number>;
}

export interface BilledWork {
  shards: number;
  verification: Exclude<Verification, { assurance: number }>;
  /** Where the end of the job is told; the client asks for the job's state otherwise. */
  webhook?: string;
}

const JOBS = 12;
/** Past the alarm that looks after a running job, so that every alarm a job costs has come. */
const SETTLE_MS = LIMITS.reoffer_ms + 1_500;

/**
 * Jobs one after the other, from `POST /jobs` to the result fetched, and past the alarms that look after them. Each is
 * alone in its partition most of the time, so it pays for its alarms alone: the dearest case. What forgetting it costs
 * is measured by `measureForgetting`.
 */
export async function measureBill(edge: MeteredEdge, client: ApiClient, work: BilledWork): Promise<Bill> {
  await delay(SETTLE_MS);
  await edge.takeMeter();
  const cpu_before = treeCpuMs(process.pid) - ownCpuMs();
  const ids: JobId[] = [];
  for (let n = 0; n < JOBS; n += 1) ids.push(await runJob(client, work));
  const cpu_ms = (treeCpuMs(process.pid) - ownCpuMs() - cpu_before) / JOBS;
  await delay(SETTLE_MS);
  const metered = await edge.takeMeter();
  return { usage: usagePerJob(metered, JOBS), cpu_ms, metered, ids };
}

async function runJob(client: ApiClient, { shards, verification, webhook }: BilledWork): Promise<JobId> {
  const target = webhook === undefined ? {} : { webhook: { url: webhook } };
  const job = await client.createJob(tinyJob(shards, { shard_rows: 1, verification, ...target }), {
    Prefer: "wait=60",
  });
  if (job.state !== "succeeded") throw new Error(`the job ended as ${job.state}: ${job.error?.detail ?? ""}`);
  await client.getResult(job.id);
  return job.id;
}

/** Processor time of this process alone, without the edge that it started. */
const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
