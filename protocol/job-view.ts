import { renderInstant } from "@infernet/schemas/instant";
import type { Job, JobProvider, JobSummary } from "@infernet/schemas/job";
import type { JobRecord } from "@infernet/schemas/job-record";
import { isFinal, type JobProgress, shardRowCount } from "./job-progress.ts";
import { explainUnchecked } from "./llm/explain-unchecked.ts";
import { renderSettlement, settle } from "./settlement.ts";
import { isDisputed, isSettled } from "./shard-state.ts";
import { renderVerification } from "./verification-view.ts";

const instantOrNull = (ms: number | undefined): string | null =>
  ms === undefined ? null : renderInstant(ms);

export const jobUrl = (record: Pick<JobRecord, "id" | "origin">): string =>
  `${record.origin}/jobs/${record.id}`;

/** The Job object, as every route, event stream and webhook shows it. */
export function renderJob(record: JobRecord, progress: JobProgress): Job {
  const { timestamps } = progress;
  const url = jobUrl(record);
  return {
    id: record.id,
    object: "job",
    state: progress.state,
    model: record.model,
    rows: record.rows,
    merge: record.merge,
    verification: {
      ...renderVerification(record, progress),
      unavailable: explainUnchecked(record.engine, record.verification),
    },
    requirements: record.requirements,
    ...renderEncryption(record, progress),
    offer: record.offer,
    price: {
      ...record.price,
      settled: isFinal(progress.state) ? renderSettlement(settle(progress, record.price)) : null,
    },
    deadline: renderInstant(record.deadline_ms),
    timestamps: {
      queued: renderInstant(record.created_ms),
      running: instantOrNull(timestamps.running),
      verifying: instantOrNull(timestamps.verifying),
      succeeded: instantOrNull(timestamps.succeeded),
      failed: instantOrNull(timestamps.failed),
      canceled: instantOrNull(timestamps.canceled),
      expired: instantOrNull(timestamps.expired),
    },
    progress: renderProgress(progress),
    providers: renderProviders(progress),
    result: progress.result,
    error: progress.error,
    webhook: record.webhook,
    metadata: record.metadata,
    urls: {
      self: url,
      result: `${url}/result`,
      events: `${url}/events`,
      receipt: `${url}/receipt`,
      deliveries: `${url}/deliveries`,
    },
  };
}

/** Nothing where the job is not sealed. */
function renderEncryption({ sealing }: JobRecord, { keys }: JobProgress): Pick<Job, "encryption"> {
  if (sealing === undefined) return {};
  const { mode, sealing_id, client_key, client_grant, inputs } = sealing;
  const providers = [...(keys?.keys() ?? [])];
  return { encryption: { mode, sealing_id, client_key, inputs, client_grant, providers } };
}

export function renderProgress(progress: JobProgress): Job["progress"] {
  const counts = {
    shards: progress.plan.shards,
    shards_leased: 0,
    shards_committed: 0,
    shards_accepted: 0,
    shards_disputed: 0,
    rows_accepted: 0,
  };
  for (const [index, shard] of progress.shards.entries()) {
    if (shard.leases.length > 0) counts.shards_leased += 1;
    if (shard.answer !== null) counts.shards_committed += 1;
    if (shard.verdicts.length > 0 || shard.checks.some(isDisputed)) counts.shards_disputed += 1;
    if (!isSettled(progress, shard)) continue;
    counts.shards_accepted += 1;
    counts.rows_accepted += shardRowCount(progress.plan, index);
  }
  return counts;
}

function renderProviders(progress: JobProgress): JobProvider[] {
  return [...progress.providers].map(([id, tally]) => ({
    id,
    shards_committed: tally.shards_committed,
    rows_committed: tally.rows_committed,
    audits_passed: tally.audits_passed,
    audits_made: tally.audits_made,
    shards_failed: tally.shards_failed,
    convicted: progress.convicted.has(id),
  }));
}

/** What a list of jobs shows of one. */
export function summarizeJob(job: Job): JobSummary {
  const { succeeded, failed, canceled, expired } = job.timestamps;
  return {
    id: job.id,
    object: "job",
    state: job.state,
    rows: job.rows,
    model: job.model,
    metadata: job.metadata,
    urls: job.urls,
    created_at: job.timestamps.queued,
    finished_at: succeeded ?? failed ?? canceled ?? expired,
  };
}
