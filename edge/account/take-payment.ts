import { insertPayment, readPayment, type StoredPayment } from "@infernet/db/account/payments";
import { type AccountDb, insertAccount } from "@infernet/db/account/queries";
import type { Sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import type { AccountId } from "@infernet/schemas/ids";

/** What names a payment, and the request that it pays for. */
export type PaymentName = Pick<StoredPayment, "id" | "request_sha256">;

/** A payment with all its signatures, which nobody has sent, and the account that it makes. */
export interface NewPayment extends Omit<StoredPayment, "state" | "detail" | "job_id" | "at_ms"> {
  account_id: AccountId;
  account_name: string;
  /** Of the account's only key. */
  key_sha256: Sha256;
}

/**
 * Makes an account of a payment and stores what will be sent, once; one that was taken before stays as it is. In the
 * caller's transaction. Throws `idempotency_mismatch` when it paid for another request.
 */
export function takePayment(db: AccountDb, payment: NewPayment, now_ms: number): StoredPayment {
  const known = findPayment(db, payment);
  if (known !== null) return known;
  const { account_id, account_name, key_sha256, ...rest } = payment;
  const taken: StoredPayment = { ...rest, state: "open", detail: null, job_id: null, at_ms: now_ms };
  insertAccount(db, { id: account_id, name: account_name, key_sha256, created_ms: now_ms });
  insertPayment(db, taken);
  return taken;
}

/** The payment as it was taken; null when it was not. Throws `idempotency_mismatch` when it pays for another request. */
export function findPayment(db: AccountDb, { id, request_sha256 }: PaymentName): StoredPayment | null {
  const known = readPayment(db);
  if (known === null || (known.id === id && known.request_sha256 === request_sha256)) return known;
  throw new InfernetError("idempotency_mismatch", "This payment was made for another request.");
}
