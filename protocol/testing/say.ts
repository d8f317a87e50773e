import type { Zone } from "@infernet/schemas/verification";

/**
 * What a runner says of a shard in a story: a text, and how far it is off. `x` and `x+1` match, `x` and `x+2` cannot be
 * told apart for sure, `x` and `x+3` differ, and so do `x` and `y`. A text that ends in `!` is wrong in one row only.
 */
export type Saying = string;

/** Rows of those compared that do not match. */
export function rowsBetween(a: Saying, b: Saying, rows: number): number {
  if (zoneBetween(a, b) === "match") return 0;
  return a.endsWith("!") || b.endsWith("!") ? 1 : rows;
}

export function zoneBetween(a: Saying, b: Saying): Zone {
  const [textA = "", offA = "0"] = a.split("+");
  const [textB = "", offB = "0"] = b.split("+");
  const apart = Math.abs(Number(offA) - Number(offB));
  if (textA !== textB || apart > 2) return "fraud";
  return apart === 2 ? "unclear" : "match";
}
