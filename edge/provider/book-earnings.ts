import { postTransfers } from "@infernet/db/ledger/post-transfers";
import type { LedgerRules } from "@infernet/db/ledger/store";
import { listInState, putEarning, readEarning } from "@infernet/db/provider/earnings";
import type { ProviderDb } from "@infernet/db/provider/store";
import type { Mark } from "@infernet/protocol/ban-rules";
import { decideEarning, decideTakeBack, type EarningChange } from "@infernet/protocol/books/earning-rules";
import { isOutside } from "@infernet/protocol/books/provider-book";
import { decideTransfers } from "@infernet/protocol/ledger/decide-transfers";
import type { LedgerNews } from "@infernet/protocol/ledger-totals";
import { JobId } from "@infernet/schemas/ids";
import type { Transfer } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";

const RULES: LedgerRules = { decideTransfers, mayBeNegative: isOutside };

/** Posts to a provider's book, as many batches as it takes. In the caller's transaction. */
export function postToBook(db: ProviderDb, transfers: readonly Transfer[]): void {
  const size = LIMITS.ledger_transfers_per_batch_max;
  for (let start = 0; start < transfers.length; start += size)
    postTransfers(db, RULES, transfers.slice(start, start + size));
}

/**
 * Books what new entries of the reputation ledger mean for the provider's money: work earns, a conviction takes back what
 * is not on its way yet, and a lifted ban gives it back. In the caller's transaction.
 *
 * @param marks all rare entries, the new ones among them
 */
export function bookEarnings(
  db: ProviderDb,
  news: readonly LedgerNews[],
  marks: readonly Mark[],
  now_ms: number,
): void {
  for (const { event } of news) {
    if (event.kind === "work")
      write(db, [decideEarning(readEarning(db, JobId.parse(event.id)), event, marks)]);
    if (event.kind !== "convicted" && event.kind !== "ban_lifted") continue;
    const open = (["held", "payable", "taken_back"] as const).flatMap((state) => listInState(db, state));
    const cause = `${event.kind}:${event.id}`;
    write(
      db,
      open.map((earning) => decideTakeBack(earning, marks, cause, now_ms)),
    );
  }
}

function write(db: ProviderDb, changes: readonly (EarningChange | null)[]): void {
  const made = changes.filter((change) => change !== null);
  for (const { earning } of made) putEarning(db, earning);
  const transfers = made.flatMap((change) => change.transfers);
  if (transfers.length > 0) postToBook(db, transfers);
}
