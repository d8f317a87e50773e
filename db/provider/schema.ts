import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { safeInteger } from "../ledger/safe-integer-column.ts";

export { ledger_accounts, ledger_transfers } from "../ledger/schema.ts";

/**
 * The provider that this object is: one row. `registration` is a RunnerRegistration, `totals` the ledger added up, which
 * can be made again from it, `groups` a list of tags.
 */
export const provider = sqliteTable("provider", {
  id: text().primaryKey(),
  registration: text().notNull(),
  totals: text().notNull(),
  groups: text().notNull().default("[]"),
  /** Whether the operator trusts it to decide disagreements. */
  trusted: integer({ mode: "boolean" }).notNull().default(false),
  /** When its payout address was changed last. */
  payout_changed_ms: integer(),
  /** A MeasuredSpeed; null before the first. */
  measured: text(),
  first_seen_ms: integer().notNull(),
  last_seen_ms: integer().notNull(),
});

/**
 * The reputation ledger: rows are only ever added. `event` is a ReputationEvent. An entry is found by its kind and id; of
 * several the last counts.
 */
export const reputation_events = sqliteTable(
  "reputation_events",
  {
    kind: text().notNull(),
    id: text().notNull(),
    at_ms: integer().notNull(),
    event: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.id, table.at_ms] })],
);

/** Jobs that have yet to be told that this provider was convicted. */
export const recalls = sqliteTable("recalls", {
  job_id: text().primaryKey(),
  convicted_in: text().notNull(),
  /** Whether the job has to compute the provider's answers anew. */
  thorough: integer({ mode: "boolean" }).notNull(),
  /** Times that telling has failed: those that fail come last. */
  failures: integer().notNull(),
});

/** What the provider has earned, a row a job. `state` says where the money is. */
export const earnings = sqliteTable(
  "earnings",
  {
    job_id: text().primaryKey(),
    unit: text().notNull(),
    escrow: text(),
    micro: safeInteger().notNull(),
    fee: safeInteger().notNull(),
    at_ms: integer().notNull(),
    ripens_ms: integer().notNull(),
    state: text().notNull(),
    payout: text(),
  },
  (table) => [index("earnings_state").on(table.state, table.ripens_ms)],
);

/** What was ordered to be sent to the provider. `order` is a PayoutOrder, `result` a PayoutResult. */
export const payouts = sqliteTable("payouts", {
  id: text().primaryKey(),
  state: text().notNull(),
  order: text().notNull(),
  result: text(),
});
