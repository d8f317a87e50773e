import type { Address } from "../address.ts";
import { refundEscrow } from "../instructions/refund-escrow.ts";
import type { Signer } from "../signer.ts";
import { createTokenAccount, deriveTokenAccount } from "../token-account.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import { type Fees, type Preparation, prepareTransaction } from "./prepare-transaction.ts";

export interface RefundTerms {
  escrow: Address;
  /** Signs to refund before the deadline; after it nobody has to. */
  aggregator?: Signer;
}

/** To the client's associated token account, which is made again if it was closed: a refund needs nobody's help. */
export async function prepareRefund(
  by: Preparation,
  { escrow: address, aggregator }: RefundTerms,
  fees: Fees,
): Promise<SignedTransaction> {
  const escrow = await by.reader.readEscrow(address);
  const { client, mint } = escrow;
  const refund = refundEscrow(by.program, {
    escrow: address,
    mint,
    client,
    client_token: deriveTokenAccount(client, mint),
    rent_payer: escrow.rent_payer,
    aggregator: escrow.aggregator,
    isEarly: aggregator !== undefined,
  });
  const account = createTokenAccount(fees.fee_payer.address, client, mint);
  return prepareTransaction(by, [account, refund], aggregator === undefined ? [] : [aggregator], fees);
}
