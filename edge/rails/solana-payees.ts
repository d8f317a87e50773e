import { type Address, renderAddress } from "@infernet/escrow/client/address";
import type { Bond } from "@infernet/escrow/client/escrow-accounts";
import type { EscrowClient } from "@infernet/escrow/client/escrow-client";
import { EscrowError } from "@infernet/escrow/client/escrow-error";
import { deriveTokenAccount } from "@infernet/escrow/client/token-account";
import { publicKeyOf, type RunnerId } from "@infernet/schemas/ids";
import type { EscrowState, Payee, PayeeCheck } from "./rail.ts";

/** A bond that leaves within this time is not counted on: a release takes a moment to land. */
const LEAVING_MS = 300_000;

/** The address that a provider's id spells: its bond is found by it. */
export const addressOf = (provider: RunnerId): Address => renderAddress(publicKeyOf(provider));

type Reader = Pick<EscrowClient, "readBond" | "readTokenAccounts">;

/**
 * Whether the program would pay these providers from the escrow: each has a bond of the mint that is large enough and
 * stays, and the token account of its bond's payout address can be paid into. A registered address says nothing here: the
 * bond names the payout address.
 */
export async function checkBondedPayees(
  reader: Reader,
  mint: Address,
  { min_bond }: Pick<EscrowState, "min_bond">,
  payees: readonly Payee[],
  now_ms: number,
): Promise<PayeeCheck[]> {
  const bonds = await Promise.all(payees.map(({ provider }) => findBond(reader, mint, provider)));
  const judged = bonds.map((bond) => judgeBond(bond, min_bond, now_ms));
  const paid = bonds.flatMap((bond, i) =>
    bond !== null && judged[i] === null ? [deriveTokenAccount(bond.payout, mint)] : [],
  );
  const accounts = paid.length === 0 ? [] : await reader.readTokenAccounts(paid);
  return judged.map((trouble) => {
    if (trouble !== null) return trouble;
    const account = accounts.shift();
    if (account?.state === "ready") return { state: "ready", detail: "" };
    if (account?.state === "frozen")
      return {
        state: "frozen",
        detail: `the token account ${account.address} of its payout address is frozen`,
      };
    return {
      state: "missing",
      detail: `its payout address has no token account ${account?.address} of the mint ${mint}`,
    };
  });
}

/** A provider's bond of a mint; null when it has none. */
export async function findBond(reader: Reader, mint: Address, provider: RunnerId): Promise<Bond | null> {
  try {
    return await reader.readBond(addressOf(provider), mint);
  } catch (error) {
    const isNone =
      error instanceof EscrowError && (error.code === "account_missing" || error.code === "account_invalid");
    if (isNone) return null;
    throw error;
  }
}

function judgeBond(bond: Bond | null, min_bond: bigint, now_ms: number): PayeeCheck | null {
  const unbonded = (detail: string): PayeeCheck => ({ state: "unbonded", detail });
  if (bond === null) return unbonded("it has no bond");
  if (bond.amount < min_bond)
    return unbonded(`it has bonded ${bond.amount}; the escrow asks for ${min_bond}`);
  if (bond.unlock !== 0n && Number(bond.unlock) * 1_000 <= now_ms + LEAVING_MS)
    return unbonded("its bond is leaving");
  return null;
}
