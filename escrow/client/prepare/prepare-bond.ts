import type { Address } from "../address.ts";
import { depositBond } from "../instructions/deposit-bond.ts";
import { exitBond } from "../instructions/exit-bond.ts";
import { requestBondExit } from "../instructions/request-bond-exit.ts";
import type { Signer } from "../signer.ts";
import { createTokenAccount, deriveTokenAccount } from "../token-account.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import { type Fees, type Preparation, prepareTransaction } from "./prepare-transaction.ts";

export interface BondDepositTerms {
  provider: Signer;
  mint: Address;
  amount: bigint;
  /** Owner of the token account that releases pay. */
  payout: Address;
  /** Whose associated token account the deposit comes from; left out, the provider's. */
  source_owner?: Signer;
  /** Pays the rent and gets it back; left out, the fee payer. */
  rent_payer?: Signer;
}

export function prepareBondDeposit(
  by: Preparation,
  terms: BondDepositTerms,
  fees: Fees,
): Promise<SignedTransaction> {
  const { provider, mint, source_owner = provider, rent_payer = fees.fee_payer } = terms;
  const deposit = depositBond(by.program, {
    provider: provider.address,
    rent_payer: rent_payer.address,
    source: deriveTokenAccount(source_owner.address, mint),
    source_owner: source_owner.address,
    mint,
    amount: terms.amount,
    payout: terms.payout,
  });
  return prepareTransaction(by, [deposit], [provider, source_owner, rent_payer], fees);
}

export interface BondExitTerms {
  provider: Signer;
  mint: Address;
}

/** The bond may leave seven days after this has landed; until then it can be slashed. */
export const prepareBondExitRequest = (
  by: Preparation,
  { provider, mint }: BondExitTerms,
  fees: Fees,
): Promise<SignedTransaction> =>
  prepareTransaction(by, [requestBondExit(by.program, provider.address, mint)], [provider], fees);

/** To the provider's associated token account, which is made if there is none. */
export async function prepareBondExit(
  by: Preparation,
  { provider, mint }: BondExitTerms,
  fees: Fees,
): Promise<SignedTransaction> {
  const { rent_payer } = await by.reader.readBond(provider.address, mint);
  const exit = exitBond(by.program, {
    provider: provider.address,
    mint,
    destination: deriveTokenAccount(provider.address, mint),
    rent_payer,
  });
  const account = createTokenAccount(fees.fee_payer.address, provider.address, mint);
  return prepareTransaction(by, [account, exit], [provider], fees);
}
