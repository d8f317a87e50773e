import { setTimeout as delay } from "node:timers/promises";
import type { Bytes } from "@infernet/schemas/digest";
import type { JobId } from "@infernet/schemas/ids";
import { tinyJob } from "../live/tiny-job.ts";
import { type ApiClient, ApiProblem, type JobInput } from "../network/api-client.ts";

const ROWS_MAX = 60;
const SHARD_ROWS_MAX = 5;
const PAUSE_MS_MAX = 300;
const RETRY_MS = 200;
const CHECKS: JobInput["verification"][] = [
  { mode: "none" },
  { mode: "quorum", replicas: 2 },
  { mode: "audit", auditors: 1, rows_share: 0.1 },
  { assurance: 0.9 },
];
const END_MS_MAX = 60_000;

/** What all jobs' outputs must begin with: the answer to the largest, from a network that nobody disturbs. */
export async function computeReference(client: ApiClient): Promise<Bytes> {
  const job = await client.createJob(tinyJob(ROWS_MAX), { Prefer: "wait=30" });
  const [output] = await client.getResult(job.id);
  if (output === undefined) throw new Error(`the reference job ended as ${job.state}`);
  return output.data;
}

/** Submits jobs of random size, cut and verification until the time is over, through every outage of the edge. */
export async function submitJobs(
  client: ApiClient,
  webhook: string,
  random: () => number,
  until_ms: number,
): Promise<JobId[]> {
  const jobs: JobId[] = [];
  while (Date.now() < until_ms) {
    const rows = 1 + Math.floor(random() * ROWS_MAX);
    const body = tinyJob(rows, {
      shard_rows: 1 + Math.floor(random() * SHARD_ROWS_MAX),
      verification: CHECKS[Math.floor(random() * CHECKS.length)] ?? { mode: "none" },
      webhook: { url: webhook },
    });
    const key = { "Idempotency-Key": `soak-${jobs.length}` };
    jobs.push((await throughOutages(() => client.createJob(body, key))).id);
    await delay(random() * PAUSE_MS_MAX);
  }
  return jobs;
}

/** Why a job is not as it should be; null when it has succeeded with the right result. */
export async function findFault(client: ApiClient, id: JobId, reference: Bytes): Promise<string | null> {
  const deadline_ms = Date.now() + END_MS_MAX;
  let job = await client.getJob(id);
  while (job.state === "queued" || job.state === "running" || job.state === "verifying") {
    if (Date.now() > deadline_ms) return `${id} is still ${job.state}: ${JSON.stringify(job.progress)}`;
    await delay(RETRY_MS);
    job = await client.getJob(id);
  }
  if (job.state !== "succeeded") return `${id} ${job.state}: ${job.error?.detail}`;
  const [output] = await client.getResult(id);
  const expected = reference.subarray(0, (reference.length / ROWS_MAX) * job.rows);
  const isRight = output !== undefined && Buffer.compare(output.data, expected) === 0;
  return isRight ? null : `${id} has a wrong result`;
}

/** An edge that is away is asked again; one that refuses is believed, unless it says that asking again may help. */
async function throughOutages<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ApiProblem && !error.problem.retryable) throw error;
      await delay(RETRY_MS);
    }
  }
}
