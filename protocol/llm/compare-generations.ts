import type { Tolerance } from "@infernet/schemas/calibration";
import type { Generation } from "@infernet/schemas/llm/generation";
import type { Zone } from "@infernet/schemas/verification";
import type { RowComparison } from "../compare.ts";
import type { Bounds } from "../compare-tolerances.ts";
import { type ComparedAs, compareCompletions, type GenerationDistance } from "./compare-completions.ts";

/** Generations held against each other, row by row. */
export interface GenerationComparison extends RowComparison {
  /** For each stretch that others had begun, of all rows in order: whether its tokens are what the rules choose. */
  readonly begun: readonly Zone[];
}

const ZONES = ["match", "unclear", "fraud"] as const satisfies readonly Zone[];

/**
 * Holds rows of generated text against each other; the worst row decides. Texts, ends and counts must be equal. Of what is
 * numbers, `deviation` is that of the logprobs and `angle` that of the choices (see `measureLogprobs` and `measureChoices`), each the largest of
 * any row; both must be within the bounds, as of tensors. What has no evidence is unclear and never fraud.
 *
 * @param checking rows of a check, or of an answer that is to replace another; null what cannot be read
 * @param checked rows that these say something about
 * @param asOf how each row is meant, by its index
 */
export function compareGenerations(
  checking: readonly (Generation | null)[],
  checked: readonly (Generation | null)[],
  bounds: Bounds,
  asOf: (row: number) => ComparedAs,
): GenerationComparison {
  const distances = checked.map((generation, row) =>
    compareCompletions(checking[row] ?? null, generation, asOf(row)),
  );
  const ranked = distances.map((distance, row) => ({ row, rank: rankOf(distance, bounds) }));
  const worst = ranked.reduce((a, b) => (b.rank > a.rank ? b : a), { row: 0, rank: 0 });
  const count = (zone: Zone): number => ranked.filter(({ rank }) => zoneOfRank(rank) === zone).length;
  const hasNumbers = distances.every(({ verdict }) => verdict === "measured");
  const largest = (of: (distance: GenerationDistance) => number): number | null =>
    hasNumbers ? Math.max(0, ...distances.map(of)) : null;
  return {
    zone: zoneOfRank(worst.rank),
    deviation: largest(({ deviation }) => deviation),
    angle: largest(({ choice }) => choice),
    rows: { match: count("match"), unclear: count("unclear"), fraud: count("fraud") },
    worst_row: worst.rank === 0 ? null : worst.row,
    begun: distances.flatMap(({ begun }) =>
      begun.map((angle) => ZONES[zoneIndex({ deviation: 0, angle }, bounds)]),
    ),
  };
}

/** The index of the zone, and within it how near its end, or how far beyond, the row is. */
function rankOf({ verdict, deviation, choice: angle }: GenerationDistance, bounds: Bounds): number {
  if (verdict === "apart") return 3;
  const measured = zoneIndex({ deviation, angle }, bounds);
  const zone = verdict === "unknown" ? Math.max(1, measured) : measured;
  const excess = Math.max(deviation / bounds.outer.deviation || 0, angle / bounds.outer.angle || 0);
  return zone + (Number.isFinite(excess) ? excess / (1 + excess) : 0.99);
}

const zoneOfRank = (rank: number): Zone => ZONES[rank >= 2 ? 2 : rank >= 1 ? 1 : 0];

function zoneIndex({ deviation, angle }: Tolerance, { inner, outer }: Bounds): 0 | 1 | 2 {
  const within = (limit: Tolerance): boolean => deviation <= limit.deviation && angle <= limit.angle;
  return within(inner) ? 0 : within(outer) ? 1 : 2;
}
