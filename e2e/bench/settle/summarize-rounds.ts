import type { TransactionCost } from "./read-transaction.ts";

/** For each signature: of the wallets that sign, and of those that a precompile verifies. */
const LAMPORTS_PER_SIGNATURE = 5_000;

/** One kind of transaction, of several rounds with other keys. */
export interface TransactionReport {
  name: string;
  bytes: number;
  signatures: number;
  /** By the Ed25519 precompile, for the program to rely on: told by what the chain charged. */
  signatures_verified: number;
  /** The least and the most: finding an account's address takes 1,500 units for each try beyond the first. */
  compute_units: [number, number];
  fee_lamports: number;
  rent_lamports: number;
}

/** @param rounds without a priority fee. Throws when they differ in anything but compute units. */
export function summarizeRounds(name: string, rounds: readonly TransactionCost[]): TransactionReport {
  const units = rounds.map(({ compute_units }) => compute_units);
  const { bytes, signatures, fee_lamports, rent_lamports } = agreeOn(name, rounds);
  return {
    name,
    bytes,
    signatures,
    signatures_verified: fee_lamports / LAMPORTS_PER_SIGNATURE - signatures,
    compute_units: [Math.min(...units), Math.max(...units)],
    fee_lamports,
    rent_lamports,
  };
}

/** The first, which every round is as long and as dear as. */
export function agreeOn(name: string, rounds: readonly TransactionCost[]): TransactionCost {
  const [first] = rounds;
  if (first === undefined) throw new Error(`${name} was not measured`);
  for (const what of ["bytes", "signatures", "fee_lamports", "rent_lamports"] as const)
    for (const round of rounds)
      if (round[what] !== first[what])
        throw new Error(`${name}: rounds differ in ${what}: ${first[what]} and ${round[what]}`);
  return first;
}
