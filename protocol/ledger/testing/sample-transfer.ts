import { LedgerAccountName, type Transfer, TransferId, Unit } from "@infernet/schemas/ledger";

interface Sketch {
  id: string;
  debit?: string;
  credit?: string;
  unit?: string;
  amount?: bigint;
  memo?: string | null;
}

/** 100 credits from outside to a client, unless told otherwise. */
const sketch = ({
  id,
  debit = "outside",
  credit = "client",
  unit = "credit",
  amount = 100n,
  memo = null,
}: Sketch) => ({
  id: TransferId.parse(id),
  debit: LedgerAccountName.parse(debit),
  credit: LedgerAccountName.parse(credit),
  unit: Unit.parse(unit),
  amount,
  at_ms: 1_000,
  memo,
});

export const post = (entry: Sketch): Transfer => ({ ...sketch(entry), kind: "post", pending: null });
export const pending = (entry: Sketch): Transfer => ({ ...sketch(entry), kind: "pending", pending: null });

/** What a commit or void says besides what it settles. */
export const news = (id: string): Pick<Transfer, "id" | "at_ms" | "memo"> => ({
  id: TransferId.parse(id),
  at_ms: 2_000,
  memo: null,
});
