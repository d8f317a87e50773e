import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { renderTable } from "../render-table.ts";
import { measureNat } from "./measure-nat.ts";

/** Who reaches whom behind which router, and by what way. */
export async function benchNat(context: BenchContext): Promise<BenchResult> {
  const pairs = await measureNat(context);
  const text = renderTable(
    ["runner behind", "client behind", "came back", "way", "first, ms", "next, ms"],
    pairs.map((pair) => [
      pair.runner,
      pair.client,
      `${pair.done} of ${pair.sent}`,
      pair.way ?? "none",
      ...[pair.first_ms, pair.next_ms].map((ms) => (ms === null ? "-" : formatNumber(ms))),
    ]),
  );
  return { report: { pairs }, text };
}
