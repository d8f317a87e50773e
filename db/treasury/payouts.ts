import type { Page, PageQuery } from "@infernet/schemas/page";
import { PayoutId, PayoutOrder } from "@infernet/schemas/payout";
import { and, asc, eq, gt, lte, sql } from "drizzle-orm";
import { z } from "zod";
import { decodeCursor } from "../cursor.ts";
import { cutPage } from "../cut-page.ts";
import { payments, payouts, places } from "./schema.ts";
import { OWN_FUNDS, type TreasuryDb } from "./store.ts";

export type PayoutState = (typeof payouts.$inferSelect)["state"];

export interface StoredPayout {
  order: PayoutOrder;
  state: PayoutState;
  attempts: number;
  next_ms: number;
  payment: string | null;
  reference: string | null;
  detail: string | null;
  at_ms: number;
}

/** What is known of a payout beside its order, which never changes. */
export type PayoutNews = Partial<Omit<StoredPayout, "order">>;

export function insertPayout(db: TreasuryDb, order: PayoutOrder, now_ms: number): void {
  db.insert(payouts)
    .values({
      id: order.id,
      place: order.escrow ?? OWN_FUNDS,
      state: "due",
      order: JSON.stringify(order),
      attempts: 0,
      next_ms: now_ms,
      at_ms: now_ms,
    })
    .run();
}

export function readPayout(db: TreasuryDb, id: PayoutId): StoredPayout | null {
  const row = db.select().from(payouts).where(eq(payouts.id, id)).get();
  return row ? parsePayout(row) : null;
}

/** Those of a payment, in the order of their ids. */
export const readPayouts = (db: TreasuryDb, ids: readonly PayoutId[]): StoredPayout[] =>
  ids.length === 0
    ? []
    : db
        .select()
        .from(payouts)
        .where(sql`${payouts.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`)
        .orderBy(asc(payouts.id))
        .all()
        .map(parsePayout);

export function updatePayout(db: TreasuryDb, id: PayoutId, news: PayoutNews): void {
  db.update(payouts).set(news).where(eq(payouts.id, id)).run();
}

/** What may be chosen from now, oldest first: due, from a place that nothing is under way from and that is not halted. */
export const listDuePayouts = (db: TreasuryDb, now_ms: number, limit: number): StoredPayout[] =>
  db
    .select()
    .from(payouts)
    .where(
      and(
        eq(payouts.state, "due"),
        lte(payouts.next_ms, now_ms),
        sql`${payouts.place} NOT IN (SELECT ${payments.place} FROM ${payments} WHERE ${payments.state} = 'open')`,
        sql`${payouts.place} NOT IN (SELECT ${places.place} FROM ${places} WHERE ${places.halted} IS NOT NULL OR ${places.next_ms} > ${now_ms})`,
      ),
    )
    .orderBy(asc(payouts.id))
    .limit(limit)
    .all()
    .map(parsePayout);

/** When the next due one may be chosen, in Unix ms; null when none waits. */
export function nextDuePayout(db: TreasuryDb): number | null {
  const row = db
    .select({
      next_ms: sql<number | null>`min(max(${payouts.next_ms}, coalesce(${places.next_ms}, 0)))`,
    })
    .from(payouts)
    .leftJoin(places, eq(places.place, payouts.place))
    .where(
      and(
        eq(payouts.state, "due"),
        sql`${places.halted} IS NULL`,
        sql`${payouts.place} NOT IN (SELECT ${payments.place} FROM ${payments} WHERE ${payments.state} = 'open')`,
      ),
    )
    .get();
  return row?.next_ms ?? null;
}

const Place = z.tuple([PayoutId]);

/** Payouts in a state, oldest first, in pages. Throws `request_invalid` on a cursor of another list. */
export function listPayouts(
  db: TreasuryDb,
  state: PayoutState,
  { limit, cursor }: PageQuery,
): Page<StoredPayout> {
  const place = decodeCursor(Place, cursor);
  const rows = db
    .select()
    .from(payouts)
    .where(and(eq(payouts.state, state), place ? gt(payouts.id, place[0]) : undefined))
    .orderBy(asc(payouts.id))
    .limit(limit + 1)
    .all();
  return cutPage(rows, { limit, placeOf: ({ id }) => [id], parse: parsePayout });
}

const parsePayout = ({ id: _, place: __, order, ...row }: typeof payouts.$inferSelect): StoredPayout => ({
  ...row,
  order: PayoutOrder.parse(JSON.parse(order)),
});
