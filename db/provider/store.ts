import type { BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";

/** The SQLite of one provider object: synchronous, so what runs without an await in between is one transaction. */
export type ProviderDb = BaseSQLiteDatabase<"sync", unknown, Record<string, unknown>>;
