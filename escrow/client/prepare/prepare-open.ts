import { type OpenEscrow, openEscrow } from "../instructions/open-escrow.ts";
import type { Signer } from "../signer.ts";
import { createTokenAccount, deriveTokenAccount } from "../token-account.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import { type Fees, type Preparation, prepareTransaction } from "./prepare-transaction.ts";

export interface OpenTerms extends Omit<OpenEscrow, "client" | "rent_payer" | "source"> {
  client: Signer;
  /** Pays the rent and gets it back; left out, the fee payer. */
  rent_payer?: Signer;
  /** Makes the client's token account first where there is none, at the fee payer's cost. */
  with_source?: boolean;
}

/** The deposit comes from the client's associated token account. The escrow's address is deriveEscrow(program, client, id). */
export function prepareOpen(by: Preparation, terms: OpenTerms, fees: Fees): Promise<SignedTransaction> {
  const { client, rent_payer = fees.fee_payer, with_source = false, ...rest } = terms;
  const open = openEscrow(by.program, {
    ...rest,
    client: client.address,
    rent_payer: rent_payer.address,
    source: deriveTokenAccount(client.address, terms.mint),
  });
  const source = with_source ? [createTokenAccount(fees.fee_payer.address, client.address, terms.mint)] : [];
  return prepareTransaction(by, [...source, open], [client, rent_payer], fees);
}
