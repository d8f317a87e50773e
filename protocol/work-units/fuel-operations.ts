import { FUEL_PER_CORE_SECOND, OPERATIONS_PER_CORE_SECOND } from "./reference-core.ts";

/** What a reference core computes in the time of one WebAssembly instruction. */
const OPERATIONS_PER_FUEL = OPERATIONS_PER_CORE_SECOND / FUEL_PER_CORE_SECOND;

/** Operations of a WebAssembly run: fuel x 20. One unit of fuel is one instruction, as engines meter them. */
export function fuelOperations(fuel: bigint): bigint {
  if (fuel < 0n) throw new RangeError(`${fuel} of fuel is less than none`);
  return fuel * OPERATIONS_PER_FUEL;
}
