import { Unit } from "@infernet/schemas/ledger";
import { SolanaAddress } from "@infernet/schemas/solana";
import { eq } from "drizzle-orm";
import type { AccountDb } from "./queries.ts";
import { escrows } from "./schema.ts";

/** An escrow that an account's jobs can be paid from. */
export interface KnownEscrow {
  escrow: SolanaAddress;
  unit: Unit;
  /** Until when it can be released from, in Unix ms. */
  deadline_ms: number;
}

export function readEscrow(db: AccountDb, escrow: SolanaAddress): KnownEscrow | null {
  const row = db.select().from(escrows).where(eq(escrows.escrow, escrow)).get();
  return row ? parse(row) : null;
}

export const listEscrows = (db: AccountDb): KnownEscrow[] => db.select().from(escrows).all().map(parse);

export function putEscrow(db: AccountDb, { escrow, unit, deadline_ms }: KnownEscrow): void {
  db.insert(escrows)
    .values({ escrow, unit, deadline_ms })
    .onConflictDoUpdate({ target: escrows.escrow, set: { deadline_ms } })
    .run();
}

const parse = (row: typeof escrows.$inferSelect): KnownEscrow => ({
  ...row,
  escrow: SolanaAddress.parse(row.escrow),
  unit: Unit.parse(row.unit),
});
