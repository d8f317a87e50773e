import { AMOUNT_MAX } from "../solana/layout.ts";
import { EscrowError } from "./escrow-error.ts";

/** Throws amount_invalid unless it is between `least` and 2^53 - 1 base units of the mint. */
export function assertAmount(amount: bigint, what: string, least = 0n): void {
  if (amount < least || amount > AMOUNT_MAX)
    throw new EscrowError(
      "amount_invalid",
      `${what} is ${amount}; it has to be from ${least} to ${AMOUNT_MAX}`,
    );
}
