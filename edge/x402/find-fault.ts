import type { TokenAccountRead } from "@infernet/escrow/client/escrow-reader";
import type { TokenPayment } from "@infernet/escrow/client/payment/token-payment";
import { AMOUNT_MAX } from "@infernet/escrow/solana/layout";
import { LIMITS } from "@infernet/schemas/limits";
import type { PaymentRequirements } from "@infernet/schemas/x402";
import type { Due } from "./payment-required.ts";

/** What is wrong with a payment for what is due, for people; null when nothing is. */
export function findFault(payment: TokenPayment, accepted: PaymentRequirements, due: Due): string | null {
  const { mint, destination, amount, source, payer, fee_payer, priority_fee } = payment;
  if (accepted.network !== due.network) return `it accepts ${accepted.network}, not ${due.network}`;
  if (accepted.asset !== due.mint || mint !== due.mint) return `it pays in ${mint}, not in ${due.mint}`;
  if (accepted.payTo !== due.escrow) return `it accepts ${accepted.payTo}, not ${due.escrow}`;
  if (destination !== due.vault) return `it pays into ${destination}, not into ${due.vault}`;
  if (amount < due.amount) return `it pays ${amount}; the job costs up to ${due.amount}`;
  if (amount > AMOUNT_MAX) return `it pays ${amount}; ${AMOUNT_MAX} is the most`;
  if (fee_payer !== due.fee_payer) return `its fee payer is ${fee_payer}, not ${due.fee_payer}`;
  if (payer === due.fee_payer || source === due.vault) return "it moves money that is not the buyer's";
  if (priority_fee > BigInt(LIMITS.x402_priority_fee_lamports_max))
    return `it offers a priority fee of ${priority_fee} lamports; ${LIMITS.x402_priority_fee_lamports_max} is the most`;
  return null;
}

/** What keeps a payment from happening, as the chain stands; null when nothing does. @param lifetime null: its blockhash is not valid */
export function findObstacle(
  { mint, amount, source }: TokenPayment,
  account: TokenAccountRead | undefined,
  lifetime: number | null,
): string | null {
  if (lifetime === null) return "its blockhash has expired, or is not known here yet";
  if (account?.state !== "ready") return `the token account ${source} is ${account?.state ?? "missing"}`;
  if (account.mint !== mint) return `the token account ${source} holds ${account.mint}`;
  if (account.amount < amount) return `the token account ${source} holds ${account.amount}`;
  return null;
}
