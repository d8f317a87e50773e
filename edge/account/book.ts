import { postTransfers } from "@infernet/db/ledger/post-transfers";
import type { LedgerDb, LedgerRules } from "@infernet/db/ledger/store";
import { isOutside } from "@infernet/protocol/books/client-book";
import { decideTransfers } from "@infernet/protocol/ledger/decide-transfers";
import type { Transfer } from "@infernet/schemas/ledger";

const RULES: LedgerRules = { decideTransfers, mayBeNegative: isOutside };

/** Posts to a client's book, all or nothing. Throws what `decideTransfers` throws. */
export const postToBook = (db: LedgerDb, ...transfers: Transfer[]): "posted" | "replayed" =>
  postTransfers(db, RULES, transfers);
