import type { JobId } from "@infernet/schemas/ids";
import { eq } from "drizzle-orm";
import { deliveries, facts, jobs } from "./schema.ts";
import type { AggregatorDb } from "./store.ts";

/** Forgets a job whose retention is over, with its log and its deliveries. */
export function deleteJob(db: AggregatorDb, id: JobId): void {
  db.delete(facts).where(eq(facts.job_id, id)).run();
  db.delete(deliveries).where(eq(deliveries.job_id, id)).run();
  db.delete(jobs).where(eq(jobs.id, id)).run();
}
