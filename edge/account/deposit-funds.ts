import { putEscrow } from "@infernet/db/account/escrows";
import type { AccountDb } from "@infernet/db/account/queries";
import { readBalance } from "@infernet/db/ledger/accounts";
import { deposit, depositsOf } from "@infernet/protocol/books/client-book";
import type { Escrow } from "@infernet/schemas/escrow";
import { parseInstant } from "@infernet/schemas/instant";
import type { Unit } from "@infernet/schemas/ledger";
import { postToBook } from "./book.ts";

/**
 * Books what an escrow holds for this account's jobs: what has come in since it was looked at last. In the caller's
 * transaction. Telling it again, or something older, changes nothing.
 */
export function depositFunds(
  db: AccountDb,
  { escrow, spendable_micro, deadline }: Escrow,
  unit: Unit,
  now_ms: number,
): void {
  putEscrow(db, { escrow, unit, deadline_ms: parseInstant(deadline) });
  const known = readBalance(db, depositsOf(escrow), unit).debits_posted;
  const total = BigInt(spendable_micro);
  if (total > known) postToBook(db, deposit(escrow, unit, { total, amount: total - known }, now_ms));
}
