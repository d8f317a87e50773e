import type { Address } from "../address.ts";
import { topUpEscrow } from "../instructions/top-up-escrow.ts";
import type { Signer } from "../signer.ts";
import { deriveTokenAccount } from "../token-account.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import { type Fees, type Preparation, prepareTransaction } from "./prepare-transaction.ts";

export interface TopUpTerms {
  escrow: Address;
  /** Whoever pays, from its associated token account. */
  funder: Signer;
  amount: bigint;
  /** A later deadline in Unix seconds, with the client's signature. */
  extension?: { client: Signer; deadline: bigint };
}

export async function prepareTopUp(
  by: Preparation,
  { escrow, funder, amount, extension }: TopUpTerms,
  fees: Fees,
): Promise<SignedTransaction> {
  const { mint, client } = await by.reader.readEscrow(escrow);
  const topUp = topUpEscrow(by.program, {
    escrow,
    mint,
    client,
    amount,
    funder: funder.address,
    source: deriveTokenAccount(funder.address, mint),
    deadline: extension?.deadline ?? null,
  });
  const signers = extension === undefined ? [funder] : [funder, extension.client];
  return prepareTransaction(by, [topUp], signers, fees);
}
