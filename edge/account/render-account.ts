import type { readAccount } from "@infernet/db/account/queries";
import { readFunds, SPENT } from "@infernet/protocol/books/client-book";
import type { Account } from "@infernet/schemas/account";
import { AccountId } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import { availableOf, balanceOf, type LedgerAccount } from "@infernet/schemas/ledger";

type StoredAccount = NonNullable<ReturnType<typeof readAccount>>;

/** What an account's holder sees of it. */
export function renderAccount(stored: StoredAccount, book: Iterable<LedgerAccount>): Account {
  const account: Account = {
    id: AccountId.parse(stored.id),
    object: "account",
    name: stored.name,
    created_at: renderInstant(stored.created_ms),
    balances: [],
    spent: [],
  };
  for (const entry of book) {
    const { name, unit } = entry;
    const funds = readFunds(name);
    if (funds !== null)
      account.balances.push({
        unit,
        escrow: funds.escrow,
        available_micro: availableOf(entry).toString(),
        reserved_micro: entry.debits_pending.toString(),
      });
    else if (name === SPENT) account.spent.push({ unit, micro: balanceOf(entry).toString() });
  }
  return account;
}
