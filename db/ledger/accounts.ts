import { EMPTY_SUMS, type LedgerAccount, LedgerAccountName, Unit } from "@infernet/schemas/ledger";
import { and, asc, eq, sql } from "drizzle-orm";
import { ledger_accounts } from "./schema.ts";
import { selectRows } from "./select-rows.ts";
import type { LedgerDb } from "./store.ts";

/** Accounts read at once when all of them are gone through. */
const BATCH = 1_000;

/** A name and the unit it is used with. */
export type AccountKey = Pick<LedgerAccount, "name" | "unit">;

/** The account, which is empty until something is posted to it. */
export function readBalance(db: LedgerDb, name: LedgerAccountName, unit: Unit): LedgerAccount {
  const row = db
    .select()
    .from(ledger_accounts)
    .where(and(eq(ledger_accounts.name, name), eq(ledger_accounts.unit, unit)))
    .get();
  return row ? parseAccount(row) : emptyAccount({ name, unit }, false);
}

export const emptyAccount = ({ name, unit }: AccountKey, may_be_negative: boolean): LedgerAccount => ({
  name,
  unit,
  ...EMPTY_SUMS,
  may_be_negative,
});

/** Those of these accounts that are there, in one query. */
export function findAccounts(db: LedgerDb, keys: readonly AccountKey[]): LedgerAccount[] {
  const { name, unit } = ledger_accounts;
  const wanted = JSON.stringify(keys.map((key) => [key.name, key.unit]));
  return db
    .select()
    .from(ledger_accounts)
    .where(sql`(${name}, ${unit}) IN (SELECT value ->> 0, value ->> 1 FROM json_each(${wanted}))`)
    .all()
    .map(parseAccount);
}

/** Writes accounts, new ones and old ones, in one statement and one row each. Whether one may be negative stays as it was. */
export function putAccounts(db: LedgerDb, accounts: readonly LedgerAccount[]): void {
  db.insert(ledger_accounts)
    .select(selectRows(ledger_accounts, accounts))
    .onConflictDoUpdate({
      target: [ledger_accounts.name, ledger_accounts.unit],
      set: {
        debits_posted: sql`excluded.debits_posted`,
        credits_posted: sql`excluded.credits_posted`,
        debits_pending: sql`excluded.debits_pending`,
        credits_pending: sql`excluded.credits_pending`,
      },
    })
    .run();
}

/** All accounts, as many in memory as a batch has. */
export function* eachAccount(db: LedgerDb): Generator<LedgerAccount> {
  const { name, unit } = ledger_accounts;
  for (let after: AccountKey | undefined; ; ) {
    const rows = db
      .select()
      .from(ledger_accounts)
      .where(after && sql`(${name}, ${unit}) > (${after.name}, ${after.unit})`)
      .orderBy(asc(name), asc(unit))
      .limit(BATCH)
      .all()
      .map(parseAccount);
    yield* rows;
    after = rows.at(-1);
    if (rows.length < BATCH) return;
  }
}

const parseAccount = ({ name, unit, ...sums }: typeof ledger_accounts.$inferSelect): LedgerAccount => ({
  name: LedgerAccountName.parse(name),
  unit: Unit.parse(unit),
  ...sums,
});
