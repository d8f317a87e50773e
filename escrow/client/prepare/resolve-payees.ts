import { payeePath, payeeRoot, payeeTree } from "../../solana/layout.ts";
import { type Address, addressBytes, renderAddress } from "../address.ts";
import type { Escrow } from "../escrow-accounts.ts";
import { EscrowError } from "../escrow-error.ts";
import type { EscrowReader } from "../escrow-reader.ts";
import type { BondedPayee, CommittedPayee, Payees } from "../instructions/release-escrow.ts";
import { deriveTokenAccount } from "../token-account.ts";

export interface CommittedShares {
  kind: "committed";
  /** The whole set that the escrow commits to, in its order. */
  owners: readonly Address[];
  shares: readonly { index: number; amount: bigint }[];
}

export interface BondedShares {
  kind: "bonded";
  shares: readonly { provider: Address; amount: bigint }[];
}

/** Who gets how many base units, each to its owner's associated token account. */
export type ReleaseShares = CommittedShares | BondedShares;

export const sumOfShares = ({ shares }: ReleaseShares): bigint =>
  shares.reduce((total, { amount }) => total + amount, 0n);

/** The accounts and proofs of a release. */
export async function resolvePayees(
  reader: EscrowReader,
  escrow: Escrow,
  shares: ReleaseShares,
): Promise<Payees> {
  if (shares.kind === "committed") return { kind: "committed", payees: proveOwners(escrow, shares) };
  return { kind: "bonded", payees: await findBonds(reader, escrow, shares) };
}

function proveOwners(escrow: Escrow, { owners, shares }: CommittedShares): CommittedPayee[] {
  const tree = payeeTree(owners.map(addressBytes));
  if (escrow.payees.kind !== "committed" || !isSameHash(payeeRoot(tree), escrow.payees.root))
    throw new EscrowError("release_refused", "the escrow commits to another set of payees, or another order");
  return shares.map(({ index, amount }) => {
    const owner = owners[index];
    if (owner === undefined)
      throw new EscrowError("release_refused", `there is no payee ${index} of ${owners.length}`);
    return {
      token_account: deriveTokenAccount(owner, escrow.mint),
      amount,
      index,
      path: payeePath(tree, index),
    };
  });
}

/** Reads each provider's bond, which names the owner that it is paid to. */
async function findBonds(
  reader: EscrowReader,
  escrow: Escrow,
  { shares }: BondedShares,
): Promise<BondedPayee[]> {
  const least = escrow.payees.kind === "bonded" ? escrow.payees.min_bond : 0n;
  const providers = shares.map(({ provider }) => provider);
  const bonds = await reader.readBonds(providers, escrow.mint);
  return bonds.map((bond, i) => {
    if (bond.amount < least)
      throw new EscrowError(
        "release_refused",
        `${bond.provider} has bonded ${bond.amount}; the escrow asks for ${least}`,
      );
    return {
      bond: bond.address,
      token_account: deriveTokenAccount(bond.payout, escrow.mint),
      amount: shares[i]?.amount ?? 0n,
    };
  });
}

const isSameHash = (one: Uint8Array, other: Uint8Array): boolean =>
  renderAddress(one) === renderAddress(other);
