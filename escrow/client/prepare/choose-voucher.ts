import type { Address } from "../address.ts";
import type { Escrow } from "../escrow-accounts.ts";
import { EscrowError } from "../escrow-error.ts";
import { type SignedVoucher, verifyVoucher } from "../voucher.ts";
import { type ReleaseShares, sumOfShares } from "./resolve-payees.ts";

interface PlannedRelease {
  authority: Address;
  voucher: SignedVoucher | null;
  shares: ReleaseShares;
  fee: bigint;
}

/**
 * The voucher that a release has to show: none by the client, and none for what the escrow has been shown one for. One that
 * is given has to be for this escrow as it is open now, shown or not: without it nothing in a release tells the escrow from
 * one that has its address later. Throws release_refused and voucher_invalid.
 */
export async function chooseVoucher(escrow: Escrow, release: PlannedRelease): Promise<SignedVoucher | null> {
  const { authority, voucher, shares, fee } = release;
  if (authority === escrow.client) return null;
  if (voucher !== null && !isFor(escrow, voucher))
    throw new EscrowError("voucher_invalid", "the voucher is for another escrow, or for an earlier one here");
  const paid = escrow.paid + sumOfShares(shares) + fee;
  if (paid <= escrow.allowed) return null;
  if (voucher === null)
    throw refused(
      `${paid} would have been paid by then; without the client's voucher the escrow allows ${escrow.allowed}`,
    );
  if (!(await verifyVoucher(escrow.client, voucher)))
    throw new EscrowError(
      "voucher_invalid",
      "the client did not sign the voucher so that the chain takes it",
    );
  if (paid > voucher.limit)
    throw refused(`${paid} would have been paid by then; the client's voucher allows ${voucher.limit}`);
  return voucher;
}

const isFor = ({ address, opened_slot }: Escrow, voucher: SignedVoucher): boolean =>
  voucher.escrow === address && voucher.opened_slot === opened_slot;

const refused = (message: string): EscrowError => new EscrowError("release_refused", message);
