import type { EarningState } from "@infernet/schemas/earning";
import type { LedgerAccountName, Transfer, Unit } from "@infernet/schemas/ledger";
import { account, transfer } from "./entries.ts";

/** A provider's book. What clients paid for its work comes in from `earned`, and moves as the work's state does. */
const EARNED = account("earned");

/** The ledger account in which earnings of a state lie. */
export const accountOf = (state: EarningState): LedgerAccountName => account(state);

/** Money comes from outside of the book. */
export const isOutside = (name: LedgerAccountName): boolean => name === EARNED;

interface Entry {
  id: string;
  unit: Unit;
  amount: bigint;
  at_ms: number;
}

/** Work was worth something, or is worth more or less than it was told before. @param amount below 0: less */
export const earn = ({ id, unit, amount, at_ms }: Entry, state: EarningState): Transfer =>
  amount > 0n
    ? transfer({ id, unit, debit: EARNED, credit: accountOf(state), amount, at_ms })
    : transfer({ id, unit, debit: accountOf(state), credit: EARNED, amount: -amount, at_ms });

export const move = (entry: Entry, from: EarningState, to: EarningState): Transfer =>
  transfer({ ...entry, debit: accountOf(from), credit: accountOf(to) });
