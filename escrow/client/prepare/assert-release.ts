import { feeMax } from "../../solana/layout.ts";
import type { Address } from "../address.ts";
import type { Escrow } from "../escrow-accounts.ts";
import { EscrowError } from "../escrow-error.ts";
import { type SignedVoucher, verifyVoucher } from "../voucher.ts";
import type { ReleaseShares } from "./resolve-payees.ts";

interface PlannedRelease {
  authority: Address;
  voucher: SignedVoucher | null;
  releases: number;
  shares: ReleaseShares;
  fee: bigint;
}

/**
 * What the program will check of a release, checked before anything is signed or paid for. The deadline and what is in the
 * vault are left to it: they change with the chain.
 */
export async function assertRelease(escrow: Escrow, release: PlannedRelease): Promise<void> {
  const { shares, fee, authority } = release;
  assertNumber(escrow, release.releases);
  if (shares.kind !== escrow.payees.kind)
    throw refused(`the escrow's payees are ${escrow.payees.kind}, those of the release ${shares.kind}`);
  const sum = shares.shares.reduce((total, { amount }) => total + amount, 0n);
  const fee_max = feeMax(sum, escrow.fee_bps);
  if (fee > fee_max)
    throw refused(
      `the fee is ${fee}; for ${sum} to the payees it may be ${fee_max}, of ${escrow.fee_bps} bps`,
    );
  if (authority === escrow.client) return;
  if (authority !== escrow.aggregator)
    throw refused(`${authority} is neither the client nor the aggregator of the escrow`);
  if (release.voucher === null) throw refused("the aggregator releases only with the client's voucher");
  await assertVoucher(escrow, release.voucher, escrow.paid + sum + fee);
}

function assertNumber(escrow: Escrow, releases: number): void {
  if (escrow.releases > releases)
    throw new EscrowError(
      "release_superseded",
      `a release of number ${releases} has happened: the escrow has had ${escrow.releases} by now`,
    );
  if (escrow.releases < releases)
    throw refused(`the release is number ${releases}, and the escrow has had ${escrow.releases}`);
}

async function assertVoucher(escrow: Escrow, voucher: SignedVoucher, paid: bigint): Promise<void> {
  if (voucher.escrow !== escrow.address || voucher.opened_slot !== escrow.opened_slot)
    throw new EscrowError("voucher_invalid", "the voucher is for another escrow, or for an earlier one here");
  if (!(await verifyVoucher(escrow.client, voucher)))
    throw new EscrowError(
      "voucher_invalid",
      "the client did not sign the voucher so that the chain takes it",
    );
  if (paid > voucher.limit)
    throw refused(`${paid} would have been paid by then; the client's voucher allows ${voucher.limit}`);
}

const refused = (message: string): EscrowError => new EscrowError("release_refused", message);
