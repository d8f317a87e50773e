import type { Comparison } from "@infernet/schemas/verification";
import type { Random } from "./random.ts";

/** A wrong answer: which one, and on which rows of its shard. */
export interface Lie {
  /** Two lies of one id say the same on every row that both are about. */
  id: number;
  /** `all`, or rows counted from 0 in ascending order. */
  rows: "all" | readonly number[];
}

/** What a machine says about a shard, in the place of tensors. */
export interface Said {
  lie: Lie | null;
  /** Numeric distance from the right values, where 1 is the largest that still matches. */
  drift: number;
}

export const RIGHT: Said = { lie: null, drift: 0 };

/** Drifts further apart than this are fraud; below it, from 1 up, nobody can tell. */
const FRAUD_DRIFT = 10;

/** Rows that two answers are compared on: how many, and which, found out only where a lie is about some rows and not all. */
export interface Compared {
  count: number;
  list: () => readonly number[];
}

/** How two answers compare over these rows: the worst row decides, as in `protocol/compare.ts`. */
export function compareSaid(a: Said, b: Said, rows: Compared): Pick<Comparison, "zone" | "rows_differing"> {
  if (a === b) return { zone: "match", rows_differing: 0 };
  const lies = countDiffering(a.lie, b.lie, rows);
  if (lies > 0) return { zone: "fraud", rows_differing: lies };
  const apart = Math.abs(a.drift - b.drift);
  if (apart <= 1) return { zone: "match", rows_differing: 0 };
  return { zone: apart <= FRAUD_DRIFT ? "unclear" : "fraud", rows_differing: rows.count };
}

/** Rows on which one of the two lies and the other does not say the same. */
function countDiffering(a: Lie | null, b: Lie | null, rows: Compared): number {
  if (a?.id === b?.id && a?.rows === b?.rows) return 0;
  if (a?.id !== b?.id && (a?.rows === "all" || b?.rows === "all")) return rows.count;
  const isSame = a?.id === b?.id;
  return rows.list().filter((row) => {
    const inA = covers(a, row);
    const inB = covers(b, row);
    return isSame ? inA !== inB : inA || inB;
  }).length;
}

const covers = (lie: Lie | null, row: number): boolean =>
  lie !== null && (lie.rows === "all" || lie.rows.includes(row));

/** Wrong rows of a shard that was answered so. */
export function countWrong({ lie }: Said, shard_rows: number): number {
  if (lie === null) return 0;
  return lie.rows === "all" ? shard_rows : lie.rows.length;
}

/** A lie that nobody told before. @param count how many of the shard's rows are wrong: as many as there are, or some at random */
export function createLie(random: Random, shard_rows: number, count = shard_rows): Lie {
  const id = random.below(2 ** 31);
  if (count >= shard_rows) return { id, rows: "all" };
  const rows = new Set<number>();
  while (rows.size < count) rows.add(random.below(shard_rows));
  return { id, rows: [...rows].sort((a, b) => a - b) };
}
