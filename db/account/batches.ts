import { BatchRecord, BatchState, PartLine, PartOutcome, PartWork } from "@infernet/schemas/batch-state";
import { type BatchId, JobId } from "@infernet/schemas/ids";
import { and, asc, count, desc, eq, gt, isNotNull, isNull, lt } from "drizzle-orm";
import { z } from "zod";
import type { AccountDb } from "./queries.ts";
import { batch_parts, batches } from "./schema.ts";

export interface StoredBatch {
  record: BatchRecord;
  state: BatchState;
}

export function insertBatch(db: AccountDb, { record, state }: StoredBatch, next_ms: number): void {
  db.insert(batches)
    .values({ id: record.id, record: JSON.stringify(record), state: JSON.stringify(state), next_ms })
    .run();
}

export function readBatch(db: AccountDb, id: string): StoredBatch | null {
  const row = db.select().from(batches).where(eq(batches.id, id)).get();
  return row === undefined ? null : parse(row);
}

/** Up to `limit` and one, the newest first. */
export function listBatches(
  db: AccountDb,
  { limit, after }: { limit: number; after?: string | undefined },
): StoredBatch[] {
  return db
    .select()
    .from(batches)
    .where(after === undefined ? undefined : lt(batches.id, after))
    .orderBy(desc(batches.id))
    .limit(limit + 1)
    .all()
    .map(parse);
}

export function countBatches(db: AccountDb): { all: number; open: number } {
  const row = db
    .select({ all: count(), open: count(batches.next_ms) })
    .from(batches)
    .get();
  return { all: row?.all ?? 0, open: row?.open ?? 0 };
}

/** Forgets batches that are over and were made before this time: their ids sort by it. */
export function deleteOldBatches(db: AccountDb, before_ms: number): void {
  const first = `batch_${before_ms.toString(16).padStart(12, "0")}`;
  const old = db
    .delete(batches)
    .where(and(lt(batches.id, first), isNull(batches.next_ms)))
    .returning({ id: batches.id })
    .all();
  for (const { id } of old) db.delete(batch_parts).where(eq(batch_parts.batch_id, id)).run();
}

/** @param next_ms when it is to be gone on with; null once it is over */
export function writeBatch(db: AccountDb, id: BatchId, state: BatchState, next_ms: number | null): void {
  db.update(batches)
    .set({ state: JSON.stringify(state), next_ms })
    .where(eq(batches.id, id))
    .run();
}

/** Goes on with a batch at this time, unless it is gone on with sooner. One that is over stays so. */
export function wakeBatch(db: AccountDb, id: BatchId, next_ms: number): void {
  db.update(batches)
    .set({ next_ms })
    .where(and(eq(batches.id, id), gt(batches.next_ms, next_ms)))
    .run();
}

/** The open batch to go on with first, and when; null when there is none. */
export function nextBatch(db: AccountDb): { id: BatchId; next_ms: number } | null {
  const row = db
    .select()
    .from(batches)
    .where(isNotNull(batches.next_ms))
    .orderBy(asc(batches.next_ms))
    .limit(1)
    .get();
  if (row?.next_ms === undefined || row.next_ms === null) return null;
  return { id: BatchRecord.shape.id.parse(row.id), next_ms: row.next_ms };
}

export interface NewPart {
  /** Null when no job is to be made of it. */
  work: PartWork | null;
  lines: PartLine[];
  outcome: PartOutcome | null;
}

export interface StoredPart {
  n: number;
  job_id: JobId | null;
  work: PartWork | null;
  lines: PartLine[];
}

const Lines = z.array(PartLine);

export function insertPart(db: AccountDb, batch_id: BatchId, n: number, part: NewPart): void {
  db.insert(batch_parts)
    .values({
      batch_id,
      n,
      job_id: null,
      outcome: part.outcome && JSON.stringify(part.outcome),
      work: part.work && JSON.stringify(part.work),
      lines: JSON.stringify(part.lines),
    })
    .run();
}

/** The first part of those that are not over, and how many they are. */
export function readOpenParts(db: AccountDb, batch_id: BatchId): { submitted: number; unsubmitted: number } {
  const row = db
    .select({ all: count(), submitted: count(batch_parts.job_id) })
    .from(batch_parts)
    .where(and(eq(batch_parts.batch_id, batch_id), isNull(batch_parts.outcome)))
    .get();
  const { all = 0, submitted = 0 } = row ?? {};
  return { submitted, unsubmitted: all - submitted };
}

/** The first part after `after` that has no job yet and is to get one. */
export function readUnsubmitted(db: AccountDb, batch_id: BatchId, after: number): StoredPart | null {
  const row = db
    .select()
    .from(batch_parts)
    .where(
      and(
        eq(batch_parts.batch_id, batch_id),
        gt(batch_parts.n, after),
        isNull(batch_parts.outcome),
        isNull(batch_parts.job_id),
      ),
    )
    .orderBy(asc(batch_parts.n))
    .limit(1)
    .get();
  return row === undefined ? null : parsePart(row);
}

/** The jobs of parts that are not over. */
export function listOpenJobs(db: AccountDb, batch_id: BatchId): { n: number; job_id: JobId }[] {
  return db
    .select({ n: batch_parts.n, job_id: batch_parts.job_id })
    .from(batch_parts)
    .where(
      and(eq(batch_parts.batch_id, batch_id), isNull(batch_parts.outcome), isNotNull(batch_parts.job_id)),
    )
    .orderBy(asc(batch_parts.n))
    .all()
    .map(({ n, job_id }) => ({ n, job_id: JobId.parse(job_id) }));
}

export function readPart(db: AccountDb, batch_id: BatchId, n: number): StoredPart | null {
  const row = db.select().from(batch_parts).where(partAt(batch_id, n)).get();
  return row === undefined ? null : parsePart(row);
}

export function writePartJob(db: AccountDb, batch_id: BatchId, n: number, job_id: JobId): void {
  db.update(batch_parts).set({ job_id }).where(partAt(batch_id, n)).run();
}

/** A part that is over: what its lines were is not needed any more. False when it was over already. */
export function closePart(db: AccountDb, batch_id: BatchId, n: number, outcome: PartOutcome): boolean {
  const closed = db
    .update(batch_parts)
    .set({ outcome: JSON.stringify(outcome), work: null, lines: "[]" })
    .where(and(partAt(batch_id, n), isNull(batch_parts.outcome)))
    .returning({ n: batch_parts.n })
    .all();
  return closed.length > 0;
}

/** What became of the parts that are over, in order. */
export function listOutcomes(db: AccountDb, batch_id: BatchId): PartOutcome[] {
  return db
    .select({ outcome: batch_parts.outcome })
    .from(batch_parts)
    .where(and(eq(batch_parts.batch_id, batch_id), isNotNull(batch_parts.outcome)))
    .orderBy(asc(batch_parts.n))
    .all()
    .map(({ outcome }) => PartOutcome.parse(JSON.parse(outcome ?? "null")));
}

export function listBatchJobs(db: AccountDb, batch_id: BatchId): JobId[] {
  return db
    .select({ job_id: batch_parts.job_id })
    .from(batch_parts)
    .where(and(eq(batch_parts.batch_id, batch_id), isNotNull(batch_parts.job_id)))
    .orderBy(asc(batch_parts.n))
    .all()
    .map(({ job_id }) => JobId.parse(job_id));
}

/** The open batch that a job was made for; null when there is none. */
export function findBatchOfJob(db: AccountDb, job_id: JobId): BatchId | null {
  const row = db
    .select({ id: batches.id })
    .from(batches)
    .innerJoin(batch_parts, eq(batch_parts.batch_id, batches.id))
    .where(and(isNotNull(batches.next_ms), eq(batch_parts.job_id, job_id), isNull(batch_parts.outcome)))
    .get();
  return row === undefined ? null : BatchRecord.shape.id.parse(row.id);
}

const partAt = (batch_id: BatchId, n: number) =>
  and(eq(batch_parts.batch_id, batch_id), eq(batch_parts.n, n));

const parse = (row: typeof batches.$inferSelect): StoredBatch => ({
  record: BatchRecord.parse(JSON.parse(row.record)),
  state: BatchState.parse(JSON.parse(row.state)),
});

const parsePart = ({ n, job_id, work, lines }: typeof batch_parts.$inferSelect): StoredPart => ({
  n,
  job_id: job_id === null ? null : JobId.parse(job_id),
  work: work === null ? null : PartWork.parse(JSON.parse(work)),
  lines: Lines.parse(JSON.parse(lines)),
});
