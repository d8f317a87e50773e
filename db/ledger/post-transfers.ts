import type { LedgerAccount, LedgerLookup, Transfer } from "@infernet/schemas/ledger";
import { type AccountKey, emptyAccount, findAccounts, putAccounts } from "./accounts.ts";
import type { LedgerDb, LedgerRules } from "./store.ts";
import { findSettlements, findTransfers, insertTransfers } from "./transfers.ts";

/**
 * Posts a batch, all or nothing, inside the caller's transaction: what else the caller writes there happens with it or
 * not at all. Nothing is written when the rules refuse the batch, or when it was posted before. Takes five statements at
 * most, whatever the size of the batch; writes one row a transfer, one an account that is touched, and one more a commit
 * or void.
 *
 * Throws what `decideTransfers` throws.
 */
export function postTransfers(
  db: LedgerDb,
  rules: LedgerRules,
  transfers: readonly Transfer[],
): "posted" | "replayed" {
  const decision = rules.decideTransfers(loadTouched(db, rules, transfers), transfers);
  if (decision.kind === "replayed") return "replayed";
  insertTransfers(db, decision.transfers);
  putAccounts(db, decision.accounts);
  return "posted";
}

/** All that the ledger holds of what these transfers name. */
function loadTouched(
  db: LedgerDb,
  { mayBeNegative }: LedgerRules,
  transfers: readonly Transfer[],
): LedgerLookup {
  const settled = transfers.flatMap(({ pending }) => (pending === null ? [] : [pending]));
  const ids = [...transfers.map(({ id }) => id), ...settled];
  const known = new Map(findTransfers(db, ids).map((transfer) => [transfer.id, transfer]));
  const settlements = new Map(
    (settled.length > 0 ? findSettlements(db, settled) : []).map((transfer) => [transfer.pending, transfer]),
  );
  const keys = transfers.flatMap(({ debit, credit, unit }) => [
    { name: debit, unit },
    { name: credit, unit },
  ]);
  const accounts = new Map<string, LedgerAccount>(
    findAccounts(db, keys).map((account) => [spell(account), account]),
  );
  return {
    account: (name, unit) =>
      accounts.get(spell({ name, unit })) ?? emptyAccount({ name, unit }, mayBeNegative(name, unit)),
    transfer: (id) => known.get(id) ?? null,
    settlement: (pending) => settlements.get(pending) ?? null,
  };
}

const spell = ({ name, unit }: AccountKey): string => `${name} ${unit}`;
