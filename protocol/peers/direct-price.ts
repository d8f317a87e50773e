import { createMicro, type Micro } from "@infernet/schemas/money";
import { pricedOperations, quotePrice } from "../price.ts";

const DECLARED = { kind: "declared", reason: "both sides of a direct job read the manifest alike" } as const;

/**
 * What a provider asks for a direct job, by the network's own formula: its rows once, for nobody checks them, in the time that
 * the manifest declares for a row, and nothing for the job itself. Throws InfernetError as `quotePrice` does.
 *
 * @param micro_per_core_hour what the provider asks for an hour of a reference core
 */
export function quoteDirect(rows: number, row_cost_us: number, micro_per_core_hour: bigint): Micro {
  if (micro_per_core_hour === 0n) return createMicro(0n);
  return quotePrice({
    priced_rows: rows,
    operations_per_row: pricedOperations(DECLARED, row_cost_us),
    micro_per_core_hour,
    micro_per_job: 0n,
  });
}
