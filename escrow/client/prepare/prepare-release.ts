import type { TransactionInstruction } from "@solana/web3.js";
import { voucherMessage } from "../../solana/layout.ts";
import { type Address, addressBytes } from "../address.ts";
import type { Escrow } from "../escrow-accounts.ts";
import { type Payees, releaseEscrow } from "../instructions/release-escrow.ts";
import { verifySignatures } from "../instructions/verify-signatures.ts";
import type { Signer } from "../signer.ts";
import { deriveTokenAccount } from "../token-account.ts";
import type { SignedTransaction } from "../transaction/signed-transaction.ts";
import type { SignedVoucher } from "../voucher.ts";
import { assertRelease } from "./assert-release.ts";
import { type Fees, type Preparation, prepareTransaction } from "./prepare-transaction.ts";
import { type ReleaseShares, resolvePayees } from "./resolve-payees.ts";

export interface ReleaseTerms {
  escrow: Address;
  /** The client; or the aggregator, with the client's voucher. */
  authority: Signer;
  voucher: SignedVoucher | null;
  /**
   * The escrow's `releases` when this payment was decided, stored with it. It is the payment's number: signed again under
   * the same one, a payment that has happened is refused. A payment keeps it as long as it is not known that another
   * release took it.
   */
  releases: number;
  shares: ReleaseShares;
  /** Base units for the aggregator, to its associated token account. */
  fee: bigint;
}

/**
 * Throws release_superseded when a release of this number has happened, release_refused and voucher_invalid for what the
 * program would refuse, account_missing and account_invalid.
 */
export async function prepareRelease(
  by: Preparation,
  terms: ReleaseTerms,
  fees: Fees,
): Promise<SignedTransaction> {
  const escrow = await by.reader.readEscrow(terms.escrow);
  await assertRelease(escrow, { ...terms, authority: terms.authority.address });
  const payees = await resolvePayees(by.reader, escrow, terms.shares);
  const { voucher } = terms;
  const byVoucher = terms.authority.address !== escrow.client && voucher !== null;
  const instructions = [
    ...(byVoucher ? [showVoucher(escrow, voucher)] : []),
    release(by.program, escrow, terms, payees),
  ];
  return prepareTransaction(by, instructions, [terms.authority], fees);
}

function release(program: Address, escrow: Escrow, terms: ReleaseTerms, payees: Payees) {
  return releaseEscrow(program, {
    authority: terms.authority.address,
    escrow: escrow.address,
    mint: escrow.mint,
    fee_token: deriveTokenAccount(escrow.aggregator, escrow.mint),
    releases: terms.releases,
    fee: terms.fee,
    payees,
  });
}

function showVoucher(escrow: Escrow, { signature, limit }: SignedVoucher): TransactionInstruction {
  const message = voucherMessage(addressBytes(escrow.address), escrow.opened_slot, limit);
  return verifySignatures([{ signature, public_key: addressBytes(escrow.client), message }]);
}
