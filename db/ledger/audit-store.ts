import { sql } from "drizzle-orm";
import { eachAccount } from "./accounts.ts";
import type { AuditLedger, LedgerDb } from "./store.ts";
import { eachTransfer } from "./transfers.ts";

/** What `tables.sql` makes, which keeps a ledger right whatever code is run on it. */
const GUARDS = [
  "ledger_transfers_pending",
  "ledger_transfers_no_update",
  "ledger_transfers_no_delete",
  "ledger_transfers_no_replace",
];

/**
 * What is wrong with the ledger of a store, a sentence each; empty when all is well. Goes through the whole journal, and
 * checks that the tables are guarded. Run it where nothing is posted meanwhile: without an await in between.
 */
export function auditStore(db: LedgerDb, audit: AuditLedger): string[] {
  return [...findUnguarded(db), ...audit(eachAccount(db), eachTransfer(db))];
}

function findUnguarded(db: LedgerDb): string[] {
  const there = db.all<{ name: string; sql: string | null }>(
    sql`SELECT name, sql FROM sqlite_master WHERE tbl_name IN ('ledger_accounts', 'ledger_transfers')`,
  );
  const missing = GUARDS.filter((name) => !there.some((part) => part.name === name));
  const loose = there.filter(
    ({ name, sql }) =>
      (name === "ledger_accounts" || name === "ledger_transfers") && !/\bSTRICT\b/.test(sql ?? ""),
  );
  return [
    ...missing.map((name) => `The tables lack ${name}.`),
    ...loose.map(({ name }) => `${name} is not STRICT.`),
  ];
}
