import type {
  LedgerAccount,
  LedgerAccountName,
  LedgerDecision,
  LedgerLookup,
  Transfer,
  Unit,
} from "@infernet/schemas/ledger";
import type { BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";

/** The SQLite of an object that keeps a ledger. */
export type LedgerDb = BaseSQLiteDatabase<"sync", unknown, Record<string, unknown>>;

/** The ledger's rules, which are kept apart from how it is stored. */
export interface LedgerRules {
  decideTransfers(lookup: LedgerLookup, transfers: readonly Transfer[]): LedgerDecision;
  /** Whether an account that is used for the first time stands for what is outside the ledger, and so may owe. */
  mayBeNegative(name: LedgerAccountName, unit: Unit): boolean;
}

/** Says in sentences what is wrong with a ledger. */
export type AuditLedger = (accounts: Iterable<LedgerAccount>, transfers: Iterable<Transfer>) => string[];
