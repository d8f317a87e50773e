/**
 * Compute is measured in work units: one is 10^9 operations, of which a multiply-add is two. Amounts are whole micro
 * work units, a thousand operations each.
 */
export const OPERATIONS_PER_WORK_UNIT = 1_000_000_000n;

const OPERATIONS_PER_MICRO_WORK_UNIT = OPERATIONS_PER_WORK_UNIT / 1_000_000n;

/** Micro work units: operations / 1,000, rounded up. Round once, over all the operations that one price is for. */
export function workUnits(operations: bigint): bigint {
  if (operations < 0n) throw new RangeError(`${operations} operations are fewer than none`);
  return (operations + OPERATIONS_PER_MICRO_WORK_UNIT - 1n) / OPERATIONS_PER_MICRO_WORK_UNIT;
}
