import { feeMax } from "../../solana/layout.ts";
import type { Address } from "../address.ts";
import type { Escrow } from "../escrow-accounts.ts";
import { EscrowError } from "../escrow-error.ts";
import { type ReleaseShares, sumOfShares } from "./resolve-payees.ts";

interface PlannedRelease {
  authority: Address;
  releases: number;
  shares: ReleaseShares;
  fee: bigint;
}

/**
 * What the program will check of a release beside its voucher, checked before anything is signed or paid for. The deadline
 * and what is in the vault are left to it: they change with the chain. Throws release_superseded and release_refused.
 */
export function assertRelease(escrow: Escrow, release: PlannedRelease): void {
  const { shares, fee, authority } = release;
  assertNumber(escrow, release.releases);
  if (shares.kind !== escrow.payees.kind)
    throw refused(`the escrow's payees are ${escrow.payees.kind}, those of the release ${shares.kind}`);
  const sum = sumOfShares(shares);
  const fee_max = feeMax(sum, escrow.fee_bps);
  if (fee > fee_max)
    throw refused(
      `the fee is ${fee}; for ${sum} to the payees it may be ${fee_max}, of ${escrow.fee_bps} bps`,
    );
  if (authority !== escrow.client && authority !== escrow.aggregator)
    throw refused(`${authority} is neither the client nor the aggregator of the escrow`);
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

const refused = (message: string): EscrowError => new EscrowError("release_refused", message);
