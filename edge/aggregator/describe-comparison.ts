import type { RowComparison } from "@infernet/protocol/compare";
import type { Answer } from "@infernet/protocol/job-progress";
import type { Comparison } from "@infernet/schemas/verification";

/** What is stored of a comparison with an answer or a check. */
export const describeComparison = (
  { runner }: Answer,
  { zone, deviation, angle, rows }: RowComparison,
): Comparison => ({
  with: runner,
  zone,
  deviation,
  angle,
  rows_differing: rows.unclear + rows.fraud,
});
