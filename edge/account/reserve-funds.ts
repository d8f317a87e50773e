import type { AccountDb } from "@infernet/db/account/queries";
import { insertReservation, readReservation } from "@infernet/db/account/reservations";
import { readBalance } from "@infernet/db/ledger/accounts";
import { fundsOf, reserve } from "@infernet/protocol/books/client-book";
import { InfernetError } from "@infernet/schemas/errors";
import type { JobId } from "@infernet/schemas/ids";
import { availableOf } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import type { PriceTerms } from "@infernet/schemas/price";
import { postToBook } from "./book.ts";

/**
 * Sets aside the most that a job can cost, until the job says what it has cost. In the caller's transaction. Throws
 * `funds_insufficient`. @returns when to ask the job how it stands, in Unix ms
 */
export function reserveFunds(
  db: AccountDb,
  job_id: JobId,
  { unit, escrow, quoted_micro }: Pick<PriceTerms, "unit" | "escrow" | "quoted_micro">,
  now_ms: number,
): number {
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
