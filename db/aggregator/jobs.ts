import type { Bytes, Sha256 } from "@infernet/schemas/digest";
import { AccountId, JobId } from "@infernet/schemas/ids";
import { JobRecord } from "@infernet/schemas/job-record";
import { and, eq, gt, isNotNull, isNull, ne, or } from "drizzle-orm";
import { z } from "zod";
import { jobs } from "./schema.ts";
import type { AggregatorDb } from "./store.ts";

/**
 * What a job still owes: `conviction` and `reputation` to its providers' ledgers, `payment` to its client's book, `index` to the search index, `slash` to
 * the treasuries of units that providers stake; `recall` stands as long as a finished job's answers are checked again.
 */
export const OutboxKind = z.enum(["conviction", "payment", "index", "reputation", "recall", "slash"]);
export type OutboxKind = z.infer<typeof OutboxKind>;

const Outbox = z.array(OutboxKind);

export interface NewJob {
  record: JobRecord;
  input: Bytes | null;
  idempotency: { key: string; request_sha256: Sha256 } | null;
}

export interface StoredJob {
  record: JobRecord;
  outbox: OutboxKind[];
}

export function insertJob(db: AggregatorDb, job: NewJob): void {
  db.insert(jobs)
    .values({
      id: job.record.id,
      account_id: job.record.account_id,
      created_ms: job.record.created_ms,
      outbox: JSON.stringify(["index"] satisfies OutboxKind[]),
      idempotency: job.idempotency?.key ?? null,
      request_sha256: job.idempotency?.request_sha256 ?? null,
      record: JSON.stringify(job.record),
      input: job.input,
    })
    .run();
}

export function readJob(db: AggregatorDb, id: JobId): StoredJob | null {
  const row = db.select({ record: jobs.record, outbox: jobs.outbox }).from(jobs).where(eq(jobs.id, id)).get();
  if (row === undefined) return null;
  return {
    record: JobRecord.parse(JSON.parse(row.record)),
    outbox: Outbox.parse(JSON.parse(row.outbox)),
  };
}

/** The inline input of a job, in binary form. */
export function readJobInput(db: AggregatorDb, id: JobId): Bytes | null {
  return db.select({ input: jobs.input }).from(jobs).where(eq(jobs.id, id)).get()?.input ?? null;
}

export function findIdempotent(
  db: AggregatorDb,
  key: string,
): { id: JobId; request_sha256: string | null } | null {
  const row = db
    .select({ id: jobs.id, request_sha256: jobs.request_sha256 })
    .from(jobs)
    .where(and(isNotNull(jobs.idempotency), eq(jobs.idempotency, key)))
    .get();
  return row === undefined ? null : { id: JobId.parse(row.id), request_sha256: row.request_sha256 };
}

/** Jobs that are not final, or still owe something: what must be in memory after a restart. */
export function listOpenJobs(db: AggregatorDb): JobId[] {
  const open = or(isNull(jobs.finished_ms), ne(jobs.outbox, "[]"));
  return db
    .select({ id: jobs.id })
    .from(jobs)
    .where(open)
    .all()
    .map((row) => JobId.parse(row.id));
}

export function finishJob(
  db: AggregatorDb,
  id: JobId,
  outbox: readonly OutboxKind[],
  finished_ms: number,
): void {
  db.update(jobs)
    .set({ finished_ms, outbox: JSON.stringify(outbox) })
    .where(eq(jobs.id, id))
    .run();
}

export function writeOutbox(db: AggregatorDb, id: JobId, outbox: readonly OutboxKind[]): void {
  db.update(jobs)
    .set({ outbox: JSON.stringify(outbox) })
    .where(eq(jobs.id, id))
    .run();
}

/** Jobs after `after` in the order of their ids, with what the search index knows them by. */
export function listJobKeys(
  db: AggregatorDb,
  after: string,
  limit: number,
): { id: JobId; account_id: AccountId; created_ms: number }[] {
  return db
    .select({ id: jobs.id, account_id: jobs.account_id, created_ms: jobs.created_ms })
    .from(jobs)
    .where(gt(jobs.id, after))
    .orderBy(jobs.id)
    .limit(limit)
    .all()
    .map((row) => ({ ...row, id: JobId.parse(row.id), account_id: AccountId.parse(row.account_id) }));
}
