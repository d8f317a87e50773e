import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Registered models by the digest of their manifest. `manifest` is a ModelManifest, `calibration` a Calibration once one
 * was recorded, `work` a ModelWork, which models lack that were registered before work was counted.
 */
export const models = sqliteTable(
  "models",
  {
    digest: text().primaryKey(),
    manifest: text().notNull(),
    created_ms: integer().notNull(),
    calibration: text(),
    work: text(),
  },
  (table) => [index("models_by_time").on(table.created_ms, table.digest)],
);

/** What a name points to, and the account that may point it elsewhere. */
export const model_names = sqliteTable(
  "model_names",
  {
    name: text().primaryKey(),
    digest: text().notNull(),
    account_id: text().notNull(),
  },
  (table) => [index("model_names_by_digest").on(table.digest)],
);
