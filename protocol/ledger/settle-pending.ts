import type { Transfer } from "@infernet/schemas/ledger";
import type { Settlement } from "./check-settlement.ts";

type News = Pick<Transfer, "id" | "at_ms" | "memo">;

/** The transfer that posts what a pending one set aside, or `amount` of it, and gives the rest back. */
export const commitOf = (
  pending: Transfer,
  { id, at_ms, memo }: News,
  amount = pending.amount,
): Settlement => ({
  ...settlementOf(pending, { id, at_ms, memo }),
  kind: "commit",
  amount,
});

/** The transfer that gives back all of what a pending one set aside. */
export const voidOf = (pending: Transfer, { id, at_ms, memo }: News): Settlement => ({
  ...settlementOf(pending, { id, at_ms, memo }),
  kind: "void",
});

const settlementOf = ({ id, debit, credit, unit, amount }: Transfer, news: News) => ({
  ...news,
  debit,
  credit,
  unit,
  amount,
  pending: id,
});
