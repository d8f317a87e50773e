import { asc, eq, isNotNull, or } from "drizzle-orm";
import { places } from "./schema.ts";
import type { TreasuryDb } from "./store.ts";

export type StoredPlace = typeof places.$inferSelect;

/** The place, which is in order and free until something else is written. */
export const readPlace = (db: TreasuryDb, place: string): StoredPlace =>
  db.select().from(places).where(eq(places.place, place)).get() ?? {
    place,
    halted: null,
    detail: null,
    failures: 0,
    next_ms: 0,
    position: 0,
    sequence: null,
  };

export function writePlace(db: TreasuryDb, place: string, news: Partial<Omit<StoredPlace, "place">>): void {
  db.insert(places)
    .values({ ...readPlace(db, place), ...news })
    .onConflictDoUpdate({ target: places.place, set: news })
    .run();
}

/** Those that are halted or held up. */
export const listTroubledPlaces = (db: TreasuryDb, limit: number): StoredPlace[] =>
  db
    .select()
    .from(places)
    .where(or(isNotNull(places.halted), isNotNull(places.detail)))
    .orderBy(asc(places.place))
    .limit(limit)
    .all();
