export { ledger_accounts, ledger_transfers } from "../ledger/schema.ts";

import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The account that this object is: one row. */
export const accounts = sqliteTable("accounts", {
  id: text().primaryKey(),
  name: text().notNull(),
  created_ms: integer().notNull(),
});

/** Keys that may speak for the account, as the sha256 of each. */
export const api_keys = sqliteTable("api_keys", {
  sha256: text().primaryKey(),
  created_ms: integer().notNull(),
});

/** Addresses that answered 410 Gone. */
export const disabled_webhooks = sqliteTable("disabled_webhooks", {
  url: text().primaryKey(),
  disabled_ms: integer().notNull(),
});

/** Funds that wait for a job's end: a row from the reservation to the settlement. */
export const reservations = sqliteTable("reservations", {
  job_id: text().primaryKey(),
  /** When to ask the job how it stands, should it not say so itself. */
  check_ms: integer().notNull(),
});

/** Escrows that jobs of this account can be paid from. `deadline_ms`: until when they can be released from. */
export const escrows = sqliteTable("escrows", {
  escrow: text().primaryKey(),
  unit: text().notNull(),
  deadline_ms: integer().notNull(),
});
