import { JobId } from "@infernet/schemas/ids";
import { asc, eq, sql } from "drizzle-orm";
import { recalls } from "./schema.ts";
import type { ProviderDb } from "./store.ts";

/** A job that has yet to be told that the provider was convicted in another. */
export interface PendingRecall {
  job_id: JobId;
  convicted_in: JobId;
  /** Whether the job has to compute the provider's answers anew. */
  thorough: boolean;
}

/** Owes a job this message. One that waits already stays as it is. */
export function addRecall(db: ProviderDb, { job_id, convicted_in, thorough }: PendingRecall): void {
  db.insert(recalls).values({ job_id, convicted_in, thorough, failures: 0 }).onConflictDoNothing().run();
}

/** At most `limit` of the messages owed, those that failed least often first. */
export const listRecalls = (db: ProviderDb, limit: number): PendingRecall[] =>
  db
    .select()
    .from(recalls)
    .orderBy(asc(recalls.failures), asc(recalls.job_id))
    .limit(limit)
    .all()
    .map(({ job_id, convicted_in, thorough }) => ({
      job_id: JobId.parse(job_id),
      convicted_in: JobId.parse(convicted_in),
      thorough,
    }));

export function removeRecall(db: ProviderDb, job_id: JobId): void {
  db.delete(recalls).where(eq(recalls.job_id, job_id)).run();
}

export function noteRecallFailure(db: ProviderDb, job_id: JobId): void {
  db.update(recalls)
    .set({ failures: sql`${recalls.failures} + 1` })
    .where(eq(recalls.job_id, job_id))
    .run();
}

/** Owes nothing any more: the conviction was lifted. */
export function dropRecalls(db: ProviderDb): void {
  db.delete(recalls).run();
}
