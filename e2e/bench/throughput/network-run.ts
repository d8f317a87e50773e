import type { Verification } from "@infernet/schemas/verification";
import type { ApiClient } from "../../network/api-client.ts";
import type { Workload } from "./workload.ts";

export interface NetworkRun {
  /** The client's upload of its input, before the job. */
  upload_ms: number;
  /** From `POST /jobs` sent to the whole result fetched. */
  job_ms: number;
  shards: number;
  /** Rows that runners computed, those for checks included. */
  rows_computed: number;
}

/** One job over all rows of the workload, as a client sees it. */
export async function runOnNetwork(
  client: ApiClient,
  workload: Workload,
  verification: Verification,
  n: number,
): Promise<NetworkRun> {
  const bytes = workload.inputOfRun(n);
  const uploading = performance.now();
  const blob = await client.putBlob(bytes);
  const sent = performance.now();
  let job = await client.createJob(
    { model: workload.model.name, input: { tensors: [{ ...workload.input, blob }] }, verification },
    { Prefer: "wait=60" },
  );
  while (job.state === "queued" || job.state === "running" || job.state === "verifying")
    job = await client.getJob(job.id);
  if (job.state !== "succeeded") throw new Error(`the job ended as ${job.state}: ${job.error?.detail ?? ""}`);
  const [result] = await client.getResult(job.id);
  const done = performance.now();
  if (result?.shape[0] !== workload.rows) throw new Error(`the result has ${result?.shape[0]} rows`);
  return {
    upload_ms: sent - uploading,
    job_ms: done - sent,
    shards: job.progress.shards,
    rows_computed: job.rows + job.verification.reached.rows_audited,
  };
}
