import { LedgerAccountName, type Transfer, TransferId, type Unit } from "@infernet/schemas/ledger";

/** A ledger account's name, checked. */
export const account = (name: string): LedgerAccountName => LedgerAccountName.parse(name);

interface Entry {
  id: string;
  unit: Unit;
  debit: LedgerAccountName;
  credit: LedgerAccountName;
  amount: bigint;
  at_ms: number;
  memo?: string;
}

/** A transfer that posts at once, or sets an amount aside. */
export const transfer = (entry: Entry, kind: "post" | "pending" = "post"): Transfer => ({
  ...entry,
  id: TransferId.parse(entry.id),
  memo: entry.memo ?? null,
  kind,
  pending: null,
});
