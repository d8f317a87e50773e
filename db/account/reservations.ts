import { JobId } from "@infernet/schemas/ids";
import { asc, eq, lte, min } from "drizzle-orm";
import type { AccountDb } from "./queries.ts";
import { reservations } from "./schema.ts";

/** Funds that wait for a job's end. */
export interface Reservation {
  job_id: JobId;
  /** When to ask the job how it stands, in Unix ms. */
  check_ms: number;
}

export function insertReservation(db: AccountDb, reservation: Reservation): void {
  db.insert(reservations).values(reservation).run();
}

export function readReservation(db: AccountDb, job_id: JobId): Reservation | null {
  const row = db.select().from(reservations).where(eq(reservations.job_id, job_id)).get();
  return row ? parse(row) : null;
}

export function deleteReservation(db: AccountDb, job_id: JobId): void {
  db.delete(reservations).where(eq(reservations.job_id, job_id)).run();
}

export function postponeCheck(db: AccountDb, job_id: JobId, check_ms: number): void {
  db.update(reservations).set({ check_ms }).where(eq(reservations.job_id, job_id)).run();
}

/** Those whose job is to be asked by now, the most overdue first. */
export function listDueReservations(db: AccountDb, now_ms: number, limit: number): Reservation[] {
  return db
    .select()
    .from(reservations)
    .where(lte(reservations.check_ms, now_ms))
    .orderBy(asc(reservations.check_ms))
    .limit(limit)
    .all()
    .map(parse);
}

/** When the next one is to be checked, in Unix ms; null when there is none. */
export const nextCheck = (db: AccountDb): number | null =>
  db
    .select({ check_ms: min(reservations.check_ms) })
    .from(reservations)
    .get()?.check_ms ?? null;

const parse = (row: typeof reservations.$inferSelect): Reservation => ({
  ...row,
  job_id: JobId.parse(row.job_id),
});
