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
