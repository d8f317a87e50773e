import type { StoredPayment } from "@infernet/db/account/payments";
import type { AuthorizedAccount } from "../http/app-env.ts";

/** A payment and the account that it made, as whoever made it sees them. */
export interface PaymentView
  extends Pick<StoredPayment, "state" | "detail" | "signature" | "payer" | "escrow" | "job_id" | "at_ms"> {
  account: AuthorizedAccount;
  amount_micro: string;
  /** What the job was priced at when it was paid for. */
  quoted_micro: string;
}

export const renderPayment = (payment: StoredPayment, account: AuthorizedAccount): PaymentView => {
  const { state, detail, signature, payer, escrow, amount, quoted, job_id, at_ms } = payment;
  return {
    state,
    detail,
    signature,
    payer,
    job_id,
    at_ms,
    escrow,
    account,
    amount_micro: amount.toString(),
    quoted_micro: quoted.toString(),
  };
};
