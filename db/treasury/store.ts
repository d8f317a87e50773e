import type { BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";

/** The SQLite of one treasury object: synchronous, so what runs without an await in between is one transaction. */
export type TreasuryDb = BaseSQLiteDatabase<"sync", unknown, Record<string, unknown>>;

/** How the column that names a place spells the operator's own funds; an escrow is spelled by its address. */
export const OWN_FUNDS = "none";
