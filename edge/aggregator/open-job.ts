import { listFacts } from "@infernet/db/aggregator/facts";
import { type OutboxKind, readJob, readJobInput } from "@infernet/db/aggregator/jobs";
import type { AggregatorDb } from "@infernet/db/aggregator/store";
import { applyFact } from "@infernet/protocol/apply-fact";
import { createProgress, type HeldLease, type JobProgress } from "@infernet/protocol/job-progress";
import { mayConvict, renderConvictions } from "@infernet/protocol/work-event";
import type { JobId, LeaseId, RunnerId } from "@infernet/schemas/ids";
import type { LogEvent } from "@infernet/schemas/job-event";
import type { JobFact } from "@infernet/schemas/job-fact";
import type { JobRecord } from "@infernet/schemas/job-record";
import type { ReputationEvent } from "@infernet/schemas/provider";
import type { Tensor } from "@infernet/schemas/tensor";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { createJobStream, type JobStream, restoreStream } from "./job-stream.ts";
import type { RowAllowance } from "./row-allowances.ts";

/** A job in memory: its log folded, and the soft state that a restart may forget. */
export interface OpenJob {
  readonly record: JobRecord;
  progress: JobProgress;
  /** The job as it was when it, or the recall of its result, was last over, with the time in Unix ms. */
  closed: { progress: JobProgress; at_ms: number } | null;
  /** What the ledgers of those found wrong have to know. */
  readonly convictions: Map<RunnerId, ReputationEvent>;
  /** The fact that the result lies beside. */
  result_seq: number | null;
  outbox: readonly OutboxKind[];
  /** Later ends of leases, given by heartbeats. After a restart each lease lasts one lease time from then. */
  readonly renewals: Map<LeaseId, number>;
  /** When this object took the job into memory: no lease ends before this plus one lease time. */
  readonly opened_ms: number;
  /** The last events since the job came into memory, so that following a long job does not read its log again each time. */
  recent: LogEvent[];
  /** What the dispatchers last heard: leases that the job is open for, and runners that checks wait for. */
  offered: { ready: number; assigned: ReadonlySet<RunnerId> };
  /**
   * Shards for which nobody was there to be drawn, with the time in Unix ms since which that is so. After a restart of
   * the network its runners first have to come back: their absence then says nothing.
   */
  undrawn: ReadonlyMap<number, number>;
  /** Submissions to one job and its draws are decided one after the other. */
  queue: Promise<unknown>;
  completing: boolean;
  merge_failures: number;
  /** Inline input, decoded at the first lease. */
  inputs: Tensor[] | null;
  /** What its requests allow, read at the first answer; of a job on a model that generates text. */
  allowances: readonly RowAllowance[] | null;
  /** What is delivered as it is made; null where nothing is. */
  readonly stream: JobStream | null;
}

export const NO_OFFER: OpenJob["offered"] = { ready: 0, assigned: new Set() };

export function createOpenJob(record: JobRecord, outbox: readonly OutboxKind[], opened_ms: number): OpenJob {
  const { id: job_id, rows, shard_rows, shards, plan: verification } = record;
  const key_grants = record.sealing?.grants ?? null;
  return {
    record,
    progress: createProgress(
      {
        job_id,
        rows,
        shard_rows,
        shards,
        verification,
        key_grants,
        streamed: record.generation?.stream === true,
      },
      record.created_ms,
    ),
    closed: null,
    convictions: new Map(),
    result_seq: null,
    outbox,
    renewals: new Map(),
    opened_ms,
    recent: [],
    offered: NO_OFFER,
    undrawn: new Map(),
    queue: Promise.resolve(),
    completing: false,
    merge_failures: 0,
    inputs: null,
    allowances: null,
    stream: createJobStream(record),
  };
}

/** Rebuilds a job from its log; null when there is no such job. */
export function openStoredJob(db: AggregatorDb, id: JobId, opened_ms: number): OpenJob | null {
  const stored = readJob(db, id);
  if (stored === null) return null;
  const job = createOpenJob(stored.record, stored.outbox, opened_ms);
  for (const { fact, seq, at_ms } of listFacts(db, id)) foldFact(job, fact, seq, at_ms);
  if (job.stream !== null) restoreStream(db, job.stream, job.progress, opened_ms);
  return job;
}

/** Folds one fact more into the job in memory. */
export function foldFact(job: OpenJob, fact: JobFact, seq: number, at_ms: number): void {
  job.progress = applyFact(job.progress, fact, seq, at_ms);
  if (mayConvict(fact)) noteConvictions(job, at_ms);
  switch (fact.kind) {
    case "leased":
    case "returned":
    case "restarted":
    case "recalled":
    case "committed":
    case "drawn":
    case "contradicted":
    case "key_granted":
      return;
    case "succeeded":
    case "revoked":
      job.result_seq = seq;
  }
  job.closed = { progress: job.progress, at_ms };
}

/** Each is told with the time of the verdict, however often it is. */
function noteConvictions({ progress, convictions }: OpenJob, at_ms: number): void {
  for (const [runner, event] of renderConvictions(progress, at_ms))
    if (!convictions.has(runner)) convictions.set(runner, event);
}

/** Does what has to be done one after the other, after all that was begun before. */
export function inTurn<T>(job: OpenJob, work: () => T | Promise<T>): Promise<T> {
  const done = job.queue.then(work);
  job.queue = done.catch(() => undefined);
  return done;
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
