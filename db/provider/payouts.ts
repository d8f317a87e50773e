import { PayoutState, type PayoutView } from "@infernet/schemas/earning";
import type { Page, PageQuery } from "@infernet/schemas/page";
import { PayoutId, PayoutOrder, PayoutResult } from "@infernet/schemas/payout";
import { asc, desc, eq, lt } from "drizzle-orm";
import { decodeCursor } from "../cursor.ts";
import { cutPage } from "../cut-page.ts";
import { payouts } from "./schema.ts";
import type { ProviderDb } from "./store.ts";

export function insertPayout(db: ProviderDb, order: PayoutOrder): void {
  db.insert(payouts)
    .values({ id: order.id, state: "due", order: JSON.stringify(order), result: null })
    .run();
}

export function readPayout(db: ProviderDb, id: PayoutId): PayoutView | null {
  const row = db.select().from(payouts).where(eq(payouts.id, id)).get();
  return row ? parse(row) : null;
}

export function movePayout(
  db: ProviderDb,
  id: PayoutId,
  state: PayoutState,
  result: PayoutResult | null,
): void {
  db.update(payouts)
    .set({ state, result: result && JSON.stringify(result) })
    .where(eq(payouts.id, id))
    .run();
}

/** Orders that the treasury has not acknowledged, the oldest first. */
export const listDuePayouts = (db: ProviderDb, limit: number): PayoutOrder[] =>
  db
    .select()
    .from(payouts)
    .where(eq(payouts.state, "due"))
    .orderBy(asc(payouts.id))
    .limit(limit)
    .all()
    .map((row) => parse(row).order);

/** All of them in pages, the latest first: their ids sort by time. */
export function listPayouts(db: ProviderDb, { limit, cursor }: PageQuery): Page<PayoutView> {
  const place = decodeCursor(PayoutId, cursor);
  const rows = db
    .select()
    .from(payouts)
    .where(place ? lt(payouts.id, place) : undefined)
    .orderBy(desc(payouts.id))
    .limit(limit + 1)
    .all();
  return cutPage(rows, { limit, placeOf: ({ id }) => id, parse });
}

const parse = (row: typeof payouts.$inferSelect): PayoutView => ({
  order: PayoutOrder.parse(JSON.parse(row.order)),
  state: PayoutState.parse(row.state),
  result: row.result === null ? null : PayoutResult.parse(JSON.parse(row.result)),
});
