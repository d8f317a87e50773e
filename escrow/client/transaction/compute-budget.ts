import { ComputeBudgetProgram, type TransactionInstruction } from "@solana/web3.js";

/** What a transaction may use and what it offers for being taken soon. */
export interface ComputeBudget {
  /** Compute units; null leaves the cluster's default of 200,000 an instruction. */
  unit_limit: number | null;
  /** The priority fee in micro-lamports for each compute unit of the limit. */
  unit_price: bigint;
}

/** @param unit_price_max what a unit may cost at most, whatever is asked for */
export function computeBudget(
  { unit_limit, unit_price }: ComputeBudget,
  unit_price_max: bigint,
): TransactionInstruction[] {
  const price = unit_price < unit_price_max ? unit_price : unit_price_max;
  return [
    ...(unit_limit === null ? [] : [ComputeBudgetProgram.setComputeUnitLimit({ units: unit_limit })]),
    ...(price <= 0n ? [] : [ComputeBudgetProgram.setComputeUnitPrice({ microLamports: price })]),
  ];
}
