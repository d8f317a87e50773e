import type { Page } from "@infernet/schemas/page";
import { encodeCursor } from "./cursor.ts";

interface PageShape<Row, Item> {
  limit: number;
  /** What the list is sorted by, of a row: where the next page starts. */
  placeOf: (row: Row) => unknown;
  parse: (row: Row) => Item;
}

/** A page of a list, of one row more than it may hold where there are as many. */
export function cutPage<Row, Item>(
  rows: readonly Row[],
  { limit, placeOf, parse }: PageShape<Row, Item>,
): Page<Item> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map((row) => parse(row)),
    next_cursor: last !== undefined && rows.length > limit ? encodeCursor(placeOf(last)) : null,
  };
}
