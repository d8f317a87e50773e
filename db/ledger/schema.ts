import { sql } from "drizzle-orm";
import { check, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { safeInteger } from "./safe-integer-column.ts";

/**
 * The ledger's two tables, which every store with a ledger re-exports from its own schema. drizzle-kit knows neither
 * STRICT nor WITHOUT ROWID nor triggers: a store's migration holds `tables.sql` in place of what is generated for them.
 * A batch writes one row for each transfer, one for each account that it touches, and one in the index for each commit
 * or void.
 */

const MAX = sql.raw(String(Number.MAX_SAFE_INTEGER));

/** One row for a name and a unit: the sums of its transfers, which can be made again from them. */
export const ledger_accounts = sqliteTable(
  "ledger_accounts",
  {
    name: text().notNull(),
    unit: text().notNull(),
    debits_posted: safeInteger().notNull(),
    credits_posted: safeInteger().notNull(),
    debits_pending: safeInteger().notNull(),
    credits_pending: safeInteger().notNull(),
    may_be_negative: integer({ mode: "boolean" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.name, table.unit] }),
    check(
      "ledger_accounts_not_below_zero",
      sql`debits_posted >= 0 AND credits_posted >= 0 AND debits_pending >= 0 AND credits_pending >= 0`,
    ),
    check(
      "ledger_accounts_exact",
      sql`debits_posted + debits_pending <= ${MAX} AND credits_posted + credits_pending <= ${MAX}`,
    ),
    check("ledger_accounts_flag", sql`may_be_negative IN (0, 1)`),
    check(
      "ledger_accounts_covered",
      sql`may_be_negative = 1 OR credits_posted - debits_posted - debits_pending >= 0`,
    ),
  ],
);

/**
 * The journal: rows are only ever added, which triggers see to. Found by id; sorted by time when it is listed, because an
 * index for that would double what is written.
 */
export const ledger_transfers = sqliteTable(
  "ledger_transfers",
  {
    id: text().primaryKey(),
    kind: text({ enum: ["post", "pending", "commit", "void"] }).notNull(),
    debit: text().notNull(),
    credit: text().notNull(),
    unit: text().notNull(),
    amount: safeInteger().notNull(),
    pending: text(),
    at_ms: integer().notNull(),
    memo: text(),
  },
  (table) => [
    uniqueIndex("ledger_transfers_pending").on(table.pending).where(sql`pending IS NOT NULL`),
    check("ledger_transfers_amount", sql`amount > 0 AND amount <= ${MAX}`),
    check("ledger_transfers_accounts", sql`debit <> credit`),
    check("ledger_transfers_kind", sql`kind IN ('post', 'pending', 'commit', 'void')`),
    check("ledger_transfers_settles", sql`(kind IN ('commit', 'void')) = (pending IS NOT NULL)`),
  ],
);
