import { listFacts } from "@infernet/db/aggregator/facts";
import { type OutboxKind, readJob, readJobInput } from "@infernet/db/aggregator/jobs";
import type { AggregatorDb } from "@infernet/db/aggregator/store";
import { applyFact } from "@infernet/protocol/apply-fact";
import { createProgress, type HeldLease, type JobProgress } from "@infernet/protocol/job-progress";
import type { JobId, LeaseId } from "@infernet/schemas/ids";
import { replicasOf } from "@infernet/schemas/job";
import type { JobEvent } from "@infernet/schemas/job-event";
import type { JobRecord } from "@infernet/schemas/job-record";
import type { Tensor } from "@infernet/schemas/tensor";
import { decodeTensors } from "@infernet/schemas/tensors-binary";

/** A job in memory: its log folded, and the soft state that a restart may forget. */
export interface OpenJob {
  readonly record: JobRecord;
  progress: JobProgress;
  outbox: readonly OutboxKind[];
  /** Later ends of leases, given by heartbeats. After a restart each lease lasts one lease time from then. */
  readonly renewals: Map<LeaseId, number>;
  /** When this object took the job into memory: no lease ends before this plus one lease time. */
  readonly opened_ms: number;
  /** The last events since the job came into memory, so that following a long job does not read its log again each time. */
  recent: JobEvent[];
  /** Leases the dispatcher last heard the job to be open for. */
  offered: number;
  /** Submissions to one job are decided one after the other. */
  queue: Promise<unknown>;
  completing: boolean;
  merge_failures: number;
  /** Inline input, decoded at the first lease. */
  inputs: Tensor[] | null;
}

export function createOpenJob(record: JobRecord, outbox: readonly OutboxKind[], opened_ms: number): OpenJob {
  const plan = {
    job_id: record.id,
    rows: record.rows,
    shard_rows: record.shard_rows,
    shards: record.shards,
    replicas: replicasOf(record.verification),
  };
  return {
    record,
    progress: createProgress(plan, record.created_ms),
    outbox,
    renewals: new Map(),
    opened_ms,
    recent: [],
    offered: 0,
    queue: Promise.resolve(),
    completing: false,
    merge_failures: 0,
    inputs: null,
  };
}

/** Rebuilds a job from its log; null when there is no such job. */
export function openStoredJob(db: AggregatorDb, id: JobId, opened_ms: number): OpenJob | null {
  const stored = readJob(db, id);
  if (stored === null) return null;
  const job = createOpenJob(stored.record, stored.outbox, opened_ms);
  for (const { fact, seq, at_ms } of listFacts(db, id))
    job.progress = applyFact(job.progress, fact, seq, at_ms);
  return job;
}

/** When a lease really ends, in Unix ms. */
export function leaseEnd(job: OpenJob, lease_ms: number): (lease: HeldLease) => number {
  return (lease) => {
    const restarted = lease.granted_ms < job.opened_ms ? job.opened_ms + lease_ms : 0;
    return Math.max(lease.expires_ms, job.renewals.get(lease.id) ?? 0, restarted);
  };
}

/** The tensors that came inline with the job. */
export function inlineInputs(db: AggregatorDb, job: OpenJob): Tensor[] {
  if (job.inputs === null) {
    const stored = readJobInput(db, job.record.id);
    job.inputs = stored === null ? [] : decodeTensors(stored);
  }
  return job.inputs;
}
