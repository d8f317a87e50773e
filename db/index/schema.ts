import { integer, primaryKey, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Jobs as lists show them, in the order of a list: one row each, written when a job is accepted and when it ends.
 * `summary` is a JobSummary.
 */
export const jobs = sqliteTable(
  "jobs",
  {
    account_id: text().notNull(),
    created_ms: integer().notNull(),
    id: text().notNull(),
    state: text().notNull(),
    finished_ms: integer(),
    summary: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.account_id, table.created_ms, table.id] })],
);

/**
 * Providers as lists show them; `provider` is a Provider. Sorted and searched when read: an index would double what is
 * written.
 */
export const providers = sqliteTable("providers", {
  id: text().primaryKey(),
  score: real().notNull(),
  first_seen_ms: integer().notNull(),
  last_seen_ms: integer().notNull(),
  provider: text().notNull(),
});
