import { readBalance } from "@infernet/db/ledger/accounts";
import { postTransfers } from "@infernet/db/ledger/post-transfers";
import type { LedgerDb, LedgerRules } from "@infernet/db/ledger/store";
import { decideTransfers } from "@infernet/protocol/ledger/decide-transfers";
import {
  accountOf,
  isOutsideTreasury,
  type Part,
  type Place,
} from "@infernet/protocol/settlement-batch/treasury-book";
import { balanceOf, type Transfer, type Unit } from "@infernet/schemas/ledger";

const RULES: LedgerRules = { decideTransfers, mayBeNegative: isOutsideTreasury };

/** Posts to a treasury's book, all or nothing; nothing to post is fine. Throws what `decideTransfers` throws. */
export function postToBook(db: LedgerDb, transfers: readonly Transfer[]): void {
  if (transfers.length > 0) postTransfers(db, RULES, transfers);
}

/** What a part of a place holds. */
export const sumOf = (db: LedgerDb, unit: Unit, place: Place, part: Part): bigint =>
  balanceOf(readBalance(db, accountOf(part, place), unit));

/** What was ever paid into a place, as far as the book knows. */
export const depositedIn = (db: LedgerDb, unit: Unit, place: Place): bigint =>
  -sumOf(db, unit, place, "deposits");

/** What left a place, fees included. */
export const releasedFrom = (db: LedgerDb, unit: Unit, place: Place): bigint =>
  (["paid", "collected", "fees", "others"] as const).reduce(
    (sum, part) => sum + sumOf(db, unit, place, part),
    0n,
  );
