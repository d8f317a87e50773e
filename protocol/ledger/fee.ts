import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";

/** 1 %, in basis points. */
export const FEE_BPS_DEFAULT = 100;

/**
 * The network's share of what is paid, rounded down: what rounding leaves belongs to those who did the work.
 *
 * @param amount of any unit, in its smallest parts, 0 or more
 * @param bps basis points (hundredths of a percent); throws `fee_out_of_range` unless a whole number from 50 to 200
 */
export function feeOf(amount: bigint, bps: number): bigint {
  const { fee_bps_min, fee_bps_max } = LIMITS;
  if (!Number.isInteger(bps) || bps < fee_bps_min || bps > fee_bps_max)
    throw new InfernetError(
      "fee_out_of_range",
      `A fee of ${bps} basis points was asked for; whole numbers from ${fee_bps_min} to ${fee_bps_max} are allowed.`,
    );
  if (amount < 0n) throw new InfernetError("amount_invalid", `No fee can be taken of ${amount}.`);
  return (amount * BigInt(bps)) / 10_000n;
}
