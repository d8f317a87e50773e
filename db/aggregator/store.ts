import type { BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";

/** The SQLite of one aggregator object: synchronous, so what runs without an await in between is one transaction. */
export type AggregatorDb = BaseSQLiteDatabase<"sync", unknown, Record<string, unknown>>;
