import { PayoutId } from "@infernet/schemas/payout";
import { asc, eq, lte, min } from "drizzle-orm";
import { results } from "./schema.ts";
import type { TreasuryDb } from "./store.ts";

/** A payout whose provider has yet to acknowledge how it came out. */
export interface OwedResult {
  payout: PayoutId;
  failures: number;
}

export function oweResult(db: TreasuryDb, payout: PayoutId, now_ms: number): void {
  db.insert(results).values({ payout, failures: 0, next_ms: now_ms }).onConflictDoNothing().run();
}

export const listOwedResults = (db: TreasuryDb, now_ms: number, limit: number): OwedResult[] =>
  db
    .select()
    .from(results)
    .where(lte(results.next_ms, now_ms))
    .orderBy(asc(results.next_ms))
    .limit(limit)
    .all()
    .map(({ payout, failures }) => ({ payout: PayoutId.parse(payout), failures }));

export function removeResult(db: TreasuryDb, payout: PayoutId): void {
  db.delete(results).where(eq(results.payout, payout)).run();
}

export function noteResultFailure(db: TreasuryDb, { payout, failures }: OwedResult, next_ms: number): void {
  db.update(results)
    .set({ failures: failures + 1, next_ms })
    .where(eq(results.payout, payout))
    .run();
}

/** When the next one is to be told, in Unix ms; null when none is owed. */
export const nextResult = (db: TreasuryDb): number | null =>
  db
    .select({ next_ms: min(results.next_ms) })
    .from(results)
    .get()?.next_ms ?? null;
