import type { JobId, RunnerId } from "@infernet/schemas/ids";
import { ContradictedFact } from "@infernet/schemas/job-fact";
import { and, asc, eq } from "drizzle-orm";
import { contradictions } from "./schema.ts";
import type { AggregatorDb } from "./store.ts";

/** Keeps a contradiction that came when the job was over. In the caller's transaction. */
export function insertContradiction(db: AggregatorDb, job: JobId, fact: ContradictedFact): void {
  db.insert(contradictions)
    .values({ job_id: job, runner: fact.runner, body: JSON.stringify(fact) })
    .run();
}

export function hasContradiction(db: AggregatorDb, job: JobId, runner: RunnerId): boolean {
  const mine = and(eq(contradictions.job_id, job), eq(contradictions.runner, runner));
  return db.select({ runner: contradictions.runner }).from(contradictions).where(mine).get() !== undefined;
}

export const listContradictions = (db: AggregatorDb, job: JobId): ContradictedFact[] =>
  db
    .select({ body: contradictions.body })
    .from(contradictions)
    .where(eq(contradictions.job_id, job))
    .orderBy(asc(contradictions.runner))
    .all()
    .map(({ body }) => ContradictedFact.parse(JSON.parse(body)));
