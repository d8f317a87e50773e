import { asc, eq, sql } from "drizzle-orm";
import { payments, places, steps } from "./schema.ts";
import type { TreasuryDb } from "./store.ts";

/** A payment as it is stored. `terms` is JSON whose shape the rules know. */
export type StoredPayment = typeof payments.$inferSelect;

/** A payment and the first step towards it. In the caller's transaction. */
export function insertPayment(
  db: TreasuryDb,
  payment: { id: string; place: string; terms: string; step: string },
  now_ms: number,
): void {
  const { id, place, terms, step } = payment;
  db.insert(payments).values({ id, place, state: "open", terms, steps: 1, at_ms: now_ms }).run();
  db.insert(steps).values({ payment: id, n: 0, step, at_ms: now_ms }).run();
}

/** A further step, prepared after the one before it expired. In the caller's transaction. */
export function addStep(db: TreasuryDb, payment: string, step: string, now_ms: number): void {
  db.run(sql`
    INSERT INTO ${steps} (payment, n, step, at_ms)
    SELECT id, steps, ${step}, ${now_ms} FROM ${payments} WHERE id = ${payment}`);
  db.update(payments)
    .set({ steps: sql`${payments.steps} + 1` })
    .where(eq(payments.id, payment))
    .run();
}

/** Everything that was ever signed for a payment, in its order. */
export const listSteps = (db: TreasuryDb, payment: string): string[] =>
  db
    .select({ step: steps.step })
    .from(steps)
    .where(eq(steps.payment, payment))
    .orderBy(asc(steps.n))
    .all()
    .map(({ step }) => step);

export function closePayment(
  db: TreasuryDb,
  id: string,
  news: Pick<StoredPayment, "state" | "reference" | "detail" | "at_ms">,
): void {
  db.update(payments).set(news).where(eq(payments.id, id)).run();
}

export const readOpenPayment = (db: TreasuryDb, place: string): StoredPayment | null =>
  db.select().from(payments).where(sql`${payments.state} = 'open' AND ${payments.place} = ${place}`).get() ??
  null;

/** Payments under way that are to be gone on with by now, those that waited longest first. */
export const listOpenPayments = (db: TreasuryDb, now_ms: number, limit: number): StoredPayment[] =>
  db
    .select({ payment: payments })
    .from(payments)
    .innerJoin(places, eq(places.place, payments.place))
    .where(sql`${payments.state} = 'open' AND ${places.next_ms} <= ${now_ms}`)
    .orderBy(asc(places.next_ms), asc(payments.id))
    .limit(limit)
    .all()
    .map(({ payment }) => payment);

/** When the next of them is to be gone on with, in Unix ms; null when none is under way. */
export const nextOpenPayment = (db: TreasuryDb): number | null =>
  db
    .select({ next_ms: sql<number | null>`min(${places.next_ms})` })
    .from(payments)
    .innerJoin(places, eq(places.place, payments.place))
    .where(sql`${payments.state} = 'open'`)
    .get()?.next_ms ?? null;
