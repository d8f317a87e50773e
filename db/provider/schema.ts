import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The provider that this object is: one row. `registration` is a RunnerRegistration, `totals` ReputationTotals. */
export const provider = sqliteTable("provider", {
  id: text().primaryKey(),
  registration: text().notNull(),
  totals: text().notNull(),
  first_seen_ms: integer().notNull(),
  last_seen_ms: integer().notNull(),
});

/** The reputation ledger: rows are only ever added. `event` is a ReputationEvent. */
export const reputation_events = sqliteTable(
  "reputation_events",
  {
    kind: text().notNull(),
    id: text().notNull(),
    at_ms: integer().notNull(),
    event: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.id] })],
);
