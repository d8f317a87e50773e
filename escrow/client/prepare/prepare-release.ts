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
import { chooseVoucher } from "./choose-voucher.ts";
import { type Fees, type Preparation, prepareTransaction } from "./prepare-transaction.ts";
import { type ReleaseShares, resolvePayees } from "./resolve-payees.ts";

export interface ReleaseTerms {
  escrow: Address;
  /** The client; or the aggregator, within a voucher of the client's. */
  authority: Signer;
  /** The client's highest. Shown only where the escrow has not been shown one that is enough. */
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
 * Whether the voucher is shown is decided by the escrow as it is at "finalized". What was paid and what is allowed change by
 * releases alone, each of which takes a number: so a release that lands under its own number lands on what was read here.
 * Where an endpoint told otherwise the program refuses it, which moves nothing, and what is prepared after it has failed
 * or expired reads anew; it may show the voucher that the first left out, and still at most one of the two lands.
 *
 * Throws release_superseded when a release of this number has happened, release_refused and voucher_invalid for what the
 * program would refuse, account_missing and account_invalid.
 */
export async function prepareRelease(
  by: Preparation,
  terms: ReleaseTerms,
  fees: Fees,
): Promise<SignedTransaction> {
  const escrow = await by.reader.readEscrow(terms.escrow);
  const planned = { ...terms, authority: terms.authority.address };
  assertRelease(escrow, planned);
  const voucher = await chooseVoucher(escrow, planned);
  const payees = await resolvePayees(by.reader, escrow, terms.shares);
  const instructions = [
    ...(voucher === null ? [] : [showVoucher(escrow, voucher)]),
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
