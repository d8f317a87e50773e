import { type ModelWork, renderCount } from "@infernet/schemas/work";
import { fuelOperations } from "./fuel-operations.ts";

/**
 * What a row of a WebAssembly model takes: all the fuel that its manifest allows, for more it never gets. A runner holds it
 * to that on every machine alike. Without fuel nothing bounds its instructions.
 */
export function countFuel(fuel_per_row_max: number | undefined): ModelWork {
  if (fuel_per_row_max === undefined)
    return {
      kind: "declared",
      reason:
        "the manifest has no wasm.fuel_per_row_max, without which nothing bounds the model's instructions",
    };
  return {
    kind: "counted",
    operations_per_row: renderCount(fuelOperations(BigInt(fuel_per_row_max))),
    parameters: renderCount(0n),
  };
}
