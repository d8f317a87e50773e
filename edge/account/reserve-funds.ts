import { readEscrow } from "@infernet/db/account/escrows";
import { readPayment } from "@infernet/db/account/payments";
import type { AccountDb } from "@infernet/db/account/queries";
import { insertReservation, readReservation } from "@infernet/db/account/reservations";
import { readBalance } from "@infernet/db/ledger/accounts";
import { fundsOf, reserve } from "@infernet/protocol/books/client-book";
import { InfernetError } from "@infernet/schemas/errors";
import type { JobId } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import { availableOf } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import type { PriceTerms } from "@infernet/schemas/price";
import type { SolanaAddress } from "@infernet/schemas/solana";
import { postToBook } from "./book.ts";

/**
 * Sets aside the most that a job can cost, until the job says what it has cost. In the caller's transaction. Throws
 * `funds_insufficient`, `escrow_unknown` and `escrow_expired`. @param deadline_ms the job's, in Unix ms. @returns when to ask the job how it stands, in Unix ms
 */
export function reserveFunds(
  db: AccountDb,
  job_id: JobId,
  { unit, escrow, quoted_micro }: Pick<PriceTerms, "unit" | "escrow" | "quoted_micro">,
  deadline_ms: number,
  now_ms: number,
): number {
  if (escrow !== null) assertLasting(db, escrow, deadline_ms);
  const source = fundsOf(escrow);
  const amount = BigInt(quoted_micro);
  const available = availableOf(readBalance(db, source, unit));
  const known = readReservation(db, job_id);
  if (known !== null) return known.check_ms;
  if (available < amount) throw explainShortage({ unit, escrow, available, amount });
  postToBook(db, reserve(job_id, { unit, source, amount }, now_ms));
  const check_ms = now_ms + LIMITS.reservation_check_ms;
  insertReservation(db, { job_id, check_ms });
  return check_ms;
}

/** What a job earns is held before it is released, and all of that has to fit before the escrow's deadline. */
function assertLasting(db: AccountDb, escrow: SolanaAddress, deadline_ms: number): void {
  const known = readEscrow(db, escrow) ?? paidInto(db, escrow);
  if (known === null)
    throw new InfernetError("escrow_unknown", `this account has registered no escrow ${escrow}`);
  const released_ms = deadline_ms + LIMITS.hold_ms + LIMITS.escrow_margin_ms;
  if (known.deadline_ms >= released_ms) return;
  throw new InfernetError(
    "escrow_expired",
    `the escrow ${escrow} ends at ${renderInstant(known.deadline_ms)}; a job with this deadline is paid out by ${renderInstant(released_ms)}`,
  );
}

/** The escrow that the payment went to which made this account. It is shared, so that nobody registers it. */
function paidInto(db: AccountDb, escrow: SolanaAddress): { deadline_ms: number } | null {
  const payment = readPayment(db);
  return payment?.escrow === escrow ? payment : null;
}

function explainShortage({
  unit,
  escrow,
  available,
  amount,
}: Pick<PriceTerms, "unit" | "escrow"> & { available: bigint; amount: bigint }): InfernetError {
  const place = escrow === null ? "the account" : `the escrow ${escrow}`;
  return new InfernetError(
    "funds_insufficient",
    `the job costs up to ${amount} micro-units of ${unit} and ${place} has ${available} to spend: ${amount - available} are missing`,
  );
}
