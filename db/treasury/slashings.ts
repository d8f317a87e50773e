import { SlashEvidence } from "@infernet/schemas/slashing";
import { and, asc, desc, eq, lte, min, sql } from "drizzle-orm";
import { slashing_steps, slashings } from "./schema.ts";
import type { TreasuryDb } from "./store.ts";

export interface StoredSlashing extends Omit<typeof slashings.$inferSelect, "evidence"> {
  evidence: SlashEvidence;
}

type SlashingNews = Partial<Omit<StoredSlashing, "id" | "evidence">>;

/** Takes evidence, once for each provider and context: what comes again changes nothing. In the caller's transaction. */
export function insertSlashing(db: TreasuryDb, evidence: SlashEvidence, now_ms: number): void {
  const { provider, context_sha256 } = evidence;
  db.insert(slashings)
    .values({
      id: `${provider}/${context_sha256}`,
      state: "open",
      evidence: JSON.stringify(evidence),
      failures: 0,
      next_ms: now_ms,
      at_ms: now_ms,
    })
    .onConflictDoNothing()
    .run();
}

export function updateSlashing(db: TreasuryDb, id: string, news: SlashingNews): void {
  db.update(slashings).set(news).where(eq(slashings.id, id)).run();
}

/** Those under way that are to be gone on with by now, those that waited longest first. */
export const listDueSlashings = (db: TreasuryDb, now_ms: number, limit: number): StoredSlashing[] =>
  db
    .select()
    .from(slashings)
    .where(and(sql`${slashings.state} = 'open'`, lte(slashings.next_ms, now_ms)))
    .orderBy(asc(slashings.next_ms))
    .limit(limit)
    .all()
    .map(parseSlashing);

/** When the next of them is to be gone on with, in Unix ms; null when none is under way. */
export const nextSlashing = (db: TreasuryDb): number | null =>
  db
    .select({ next_ms: min(slashings.next_ms) })
    .from(slashings)
    .where(sql`${slashings.state} = 'open'`)
    .get()?.next_ms ?? null;

/** The latest first. */
export const listSlashings = (db: TreasuryDb, limit: number): StoredSlashing[] =>
  db
    .select()
    .from(slashings)
    .orderBy(desc(slashings.at_ms), asc(slashings.id))
    .limit(limit)
    .all()
    .map(parseSlashing);

/** What was signed before it is sent, behind what was signed before. In the caller's transaction. */
export function addSlashingStep(db: TreasuryDb, slashing: string, step: string, now_ms: number): void {
  db.run(sql`
    INSERT INTO ${slashing_steps} (slashing, n, step, at_ms)
    SELECT ${slashing}, count(*), ${step}, ${now_ms} FROM ${slashing_steps} WHERE slashing = ${slashing}`);
}

/** Everything that was ever signed for a slashing, in its order. */
export const listSlashingSteps = (db: TreasuryDb, slashing: string): string[] =>
  db
    .select({ step: slashing_steps.step })
    .from(slashing_steps)
    .where(eq(slashing_steps.slashing, slashing))
    .orderBy(asc(slashing_steps.n))
    .all()
    .map(({ step }) => step);

const parseSlashing = ({ evidence, ...row }: typeof slashings.$inferSelect): StoredSlashing => ({
  ...row,
  evidence: SlashEvidence.parse(JSON.parse(evidence)),
});
