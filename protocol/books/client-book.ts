import type { JobId } from "@infernet/schemas/ids";
import { type LedgerAccountName, type Transfer, TransferId, type Unit } from "@infernet/schemas/ledger";
import { parseSolanaHex, type SolanaAddress, solanaHex } from "@infernet/schemas/solana";
import { commitOf, voidOf } from "../ledger/settle-pending.ts";
import { account, transfer } from "./entries.ts";

/**
 * A client's book. Money comes from outside (`grants`, and for each escrow what was paid into it), lies at the client's
 * disposal, is set aside for a job (a pending transfer), and is spent when the job ends, less what it did not use.
 */
const GRANTS = account("grants");
const BALANCE = account("balance");
export const SPENT = account("spent");

/** What was paid into an escrow, and what of it is at the client's disposal. */
export const depositsOf = (escrow: SolanaAddress): LedgerAccountName =>
  account(`deposits:${solanaHex(escrow)}`);
export const fundsOf = (escrow: SolanaAddress | null): LedgerAccountName =>
  escrow === null ? BALANCE : account(`escrow:${solanaHex(escrow)}`);

/** Whether an account holds funds at the client's disposal, and in which escrow they lie. */
export function readFunds(name: LedgerAccountName): { escrow: SolanaAddress | null } | null {
  if (name === BALANCE) return { escrow: null };
  return name.startsWith("escrow:") ? { escrow: parseSolanaHex(name.slice("escrow:".length)) } : null;
}

/** Money comes from outside of the book: what stands for that may be negative. */
export const isOutside = (name: LedgerAccountName): boolean =>
  name === GRANTS || name.startsWith("deposits:");

/** @param id of the operator's choice */
export const grant = (id: string, unit: Unit, amount: bigint, at_ms: number): Transfer =>
  transfer({ id: `grant:${id}`, unit, debit: GRANTS, credit: BALANCE, amount, at_ms });

/** @param total everything that came into the escrow so far, this deposit with it */
export const deposit = (
  escrow: SolanaAddress,
  unit: Unit,
  { total, amount }: { total: bigint; amount: bigint },
  at_ms: number,
): Transfer =>
  transfer({
    id: `deposit:${solanaHex(escrow)}:${total}`,
    unit,
    debit: depositsOf(escrow),
    credit: fundsOf(escrow),
    amount,
    at_ms,
  });

export const reservationId = (job: JobId): TransferId => TransferId.parse(`reserve:${job}`);
export const refundId = (job: JobId, n: number): TransferId => TransferId.parse(`refund:${job}:${n}`);

/** Sets the most that a job can cost aside. @param source where the funds come from: see `fundsOf` */
export const reserve = (
  job: JobId,
  { unit, source, amount }: { unit: Unit; source: LedgerAccountName; amount: bigint },
  at_ms: number,
): Transfer =>
  transfer({ id: reservationId(job), unit, debit: source, credit: SPENT, amount, at_ms }, "pending");

/** What a job has cost is spent, and the rest of what was set aside returns: all of it where it costs nothing. */
export function settleReservation(
  reservation: Transfer,
  job: JobId,
  charged: bigint,
  at_ms: number,
): Transfer {
  const news = { id: TransferId.parse(`charge:${job}`), at_ms, memo: null };
  return charged === 0n ? voidOf(reservation, news) : commitOf(reservation, news, charged);
}

/** What comes back of a job that was paid. @param n how often something has come back before */
export const refund = (
  job: JobId,
  n: number,
  { unit, debit: source }: Transfer,
  amount: bigint,
  at_ms: number,
): Transfer => transfer({ id: refundId(job, n), unit, debit: SPENT, credit: source, amount, at_ms });
