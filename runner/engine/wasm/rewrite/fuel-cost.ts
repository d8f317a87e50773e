/**
 * What fuel is spent on: one unit for each instruction that is executed, but for `end` and `else`; for instructions that
 * work on as many bytes or elements as they are told, one more for every 8 of them; for each page that the memory grows
 * by, as much as for filling it; and for each call of a host function. Changing one of these changes the ABI's version.
 */
export const FUEL_COST = {
  /** Bytes or elements, as a power of two. */
  bulk_shift: 3n,
  page: 8_192n,
  host_call: 1_000n,
} as const;
