import type { Bytes } from "@infernet/schemas/digest";
import type { JobId } from "@infernet/schemas/ids";
import { JobFact } from "@infernet/schemas/job-fact";
import { and, asc, eq, gt } from "drizzle-orm";
import { facts } from "./schema.ts";
import type { AggregatorDb } from "./store.ts";

export interface StoredFact {
  seq: number;
  at_ms: number;
  fact: JobFact;
}

/** Appends a fact, and beside it bytes that belong to it. */
export function appendFact(db: AggregatorDb, job: JobId, entry: StoredFact, payload: Bytes | null): void {
  db.insert(facts)
    .values({ job_id: job, seq: entry.seq, at_ms: entry.at_ms, body: JSON.stringify(entry.fact), payload })
    .run();
}

/** A job's facts after number `after`, in order. */
export function listFacts(db: AggregatorDb, job: JobId, after = 0): StoredFact[] {
  return db
    .select({ seq: facts.seq, at_ms: facts.at_ms, body: facts.body })
    .from(facts)
    .where(and(eq(facts.job_id, job), gt(facts.seq, after)))
    .orderBy(asc(facts.seq))
    .all()
    .map((row) => ({ seq: row.seq, at_ms: row.at_ms, fact: JobFact.parse(JSON.parse(row.body)) }));
}

/** The bytes beside one fact. */
export function readPayload(db: AggregatorDb, job: JobId, seq: number): Bytes | null {
  const row = db
    .select({ payload: facts.payload })
    .from(facts)
    .where(and(eq(facts.job_id, job), eq(facts.seq, seq)))
    .get();
  return row?.payload ?? null;
}
