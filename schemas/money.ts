import { z } from "zod";

/** Largest amount that SQLite and JavaScript both hold exactly: 2^53 - 1. */
const MICRO_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Money is a whole number of micro-units (one millionth of the unit of account) and never a float:
 * `bigint` in code, a decimal string in JSON.
 */
export const MicroAmount = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,15})$/, {
    error: "is not a whole number of micro-units, as a decimal string",
    abort: true,
  })
  .refine((text) => BigInt(text) <= MICRO_MAX, `is more than ${MICRO_MAX} micro-units`)
  .meta({ id: "MicroAmount", description: "Whole micro-units as a decimal string", examples: ["1500000"] });
export type MicroAmount = z.infer<typeof MicroAmount>;

declare const micro: unique symbol;
export type Micro = bigint & { readonly [micro]: true };

export function createMicro(value: bigint): Micro {
  if (value < 0n || value > MICRO_MAX)
    throw new RangeError(`${value} is not an amount between 0 and ${MICRO_MAX}`);
  return value as Micro;
}

export const parseMicro = (text: MicroAmount): Micro => createMicro(BigInt(text));
export const renderMicro = (amount: Micro): MicroAmount => amount.toString();
