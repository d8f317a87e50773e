import { AccountId } from "@infernet/schemas/ids";
import { SolanaAddress } from "@infernet/schemas/solana";
import { asc, eq, lte, min } from "drizzle-orm";
import { escrows } from "./schema.ts";
import type { TreasuryDb } from "./store.ts";

export interface StoredEscrow extends Omit<typeof escrows.$inferSelect, "escrow" | "account_id" | "client"> {
  escrow: SolanaAddress;
  account_id: AccountId;
  client: SolanaAddress;
}

export function readEscrow(db: TreasuryDb, escrow: SolanaAddress): StoredEscrow | null {
  const row = db.select().from(escrows).where(eq(escrows.escrow, escrow)).get();
  return row ? parseEscrow(row) : null;
}

export function putEscrow(db: TreasuryDb, stored: StoredEscrow): void {
  const { escrow: _, account_id: __, ...news } = stored;
  db.insert(escrows).values(stored).onConflictDoUpdate({ target: escrows.escrow, set: news }).run();
}

/** What was read of it, or when it is to be read next. */
export function updateEscrow(
  db: TreasuryDb,
  escrow: SolanaAddress,
  news: Partial<Omit<StoredEscrow, "escrow" | "account_id">>,
): void {
  db.update(escrows).set(news).where(eq(escrows.escrow, escrow)).run();
}

/** Those that are to be compared with the book by now, the most overdue first. */
export const listDueEscrows = (db: TreasuryDb, now_ms: number, limit: number): StoredEscrow[] =>
  db
    .select()
    .from(escrows)
    .where(lte(escrows.check_ms, now_ms))
    .orderBy(asc(escrows.check_ms))
    .limit(limit)
    .all()
    .map(parseEscrow);

/** When the next one is to be compared, in Unix ms; null when there is none. */
export const nextEscrowCheck = (db: TreasuryDb): number | null =>
  db
    .select({ check_ms: min(escrows.check_ms) })
    .from(escrows)
    .get()?.check_ms ?? null;

const parseEscrow = (row: typeof escrows.$inferSelect): StoredEscrow => ({
  ...row,
  escrow: SolanaAddress.parse(row.escrow),
  account_id: AccountId.parse(row.account_id),
  client: SolanaAddress.parse(row.client),
});
