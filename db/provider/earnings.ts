import { type Earning, EarningState, type PayablePlace, type RipeSum } from "@infernet/schemas/earning";
import { JobId } from "@infernet/schemas/ids";
import { Unit } from "@infernet/schemas/ledger";
import type { Page, PageQuery } from "@infernet/schemas/page";
import { PayoutId } from "@infernet/schemas/payout";
import { SolanaAddress } from "@infernet/schemas/solana";
import { and, asc, desc, eq, isNull, lte, min, sql } from "drizzle-orm";
import { z } from "zod";
import { decodeCursor } from "../cursor.ts";
import { cutPage } from "../cut-page.ts";
import { toSafe } from "../ledger/safe-integer-column.ts";
import { earnings } from "./schema.ts";
import type { ProviderDb } from "./store.ts";

const Place = z.tuple([z.int(), z.string()]);

export function readEarning(db: ProviderDb, job_id: JobId): Earning | null {
  const row = db.select().from(earnings).where(eq(earnings.job_id, job_id)).get();
  return row ? parse(row) : null;
}

export function putEarning(db: ProviderDb, earning: Earning): void {
  const { job_id, ...rest } = earning;
  db.insert(earnings).values(earning).onConflictDoUpdate({ target: earnings.job_id, set: rest }).run();
}

/** All of one state. */
export const listInState = (db: ProviderDb, state: EarningState): Earning[] =>
  db.select().from(earnings).where(eq(earnings.state, state)).orderBy(asc(earnings.job_id)).all().map(parse);

/** Held ones that are the provider's for good by now, added up by unit; `last_job` is the greatest of their ids. */
export const sumRipe = (db: ProviderDb, now_ms: number): RipeSum[] =>
  db
    .select({
      unit: earnings.unit,
      micro: sql<number>`sum(${earnings.micro})`,
      last_job: sql<string>`max(${earnings.job_id})`,
    })
    .from(earnings)
    .where(isRipe(now_ms))
    .groupBy(earnings.unit)
    .all()
    .map(({ unit, micro, last_job }) => ({
      unit: Unit.parse(unit),
      micro: BigInt(toSafe(micro)),
      last_job: JobId.parse(last_job),
    }));

export function ripenHeld(db: ProviderDb, now_ms: number): void {
  db.update(earnings).set({ state: "payable" }).where(isRipe(now_ms)).run();
}

const isRipe = (now_ms: number) => and(eq(earnings.state, "held"), lte(earnings.ripens_ms, now_ms));

/** When the next held one is the provider's for good, in Unix ms; null when nothing is held. */
export const nextRipe = (db: ProviderDb): number | null =>
  db
    .select({ ripens_ms: min(earnings.ripens_ms) })
    .from(earnings)
    .where(eq(earnings.state, "held"))
    .get()?.ripens_ms ?? null;

/** What is payable of each unit from each place, added up. */
export const sumPayable = (db: ProviderDb): PayablePlace[] =>
  db
    .select({
      unit: earnings.unit,
      escrow: earnings.escrow,
      micro: sql<number>`sum(${earnings.micro})`,
      fee: sql<number>`sum(${earnings.fee})`,
    })
    .from(earnings)
    .where(eq(earnings.state, "payable"))
    .groupBy(earnings.unit, earnings.escrow)
    .all()
    .map((row) => ({
      unit: Unit.parse(row.unit),
      escrow: parseEscrow(row.escrow),
      micro: BigInt(toSafe(row.micro)),
      fee: BigInt(toSafe(row.fee)),
    }));

/** Has a payout send everything that is payable of one unit from one place. */
export function orderPlace(
  db: ProviderDb,
  { unit, escrow }: Pick<PayablePlace, "unit" | "escrow">,
  payout: PayoutId,
): void {
  const isThere = escrow === null ? isNull(earnings.escrow) : eq(earnings.escrow, escrow);
  db.update(earnings)
    .set({ state: "ordered", payout })
    .where(and(eq(earnings.state, "payable"), eq(earnings.unit, unit), isThere))
    .run();
}

/** What a payout that has come out was for. */
export function closeOrdered(
  db: ProviderDb,
  payout: PayoutId,
  state: EarningState,
  kept: PayoutId | null,
): void {
  db.update(earnings).set({ state, payout: kept }).where(eq(earnings.payout, payout)).run();
}

/** All of them in pages, the latest first. Throws `request_invalid` on a cursor of another list. */
export function listEarnings(db: ProviderDb, { limit, cursor }: PageQuery): Page<Earning> {
  const place = decodeCursor(Place, cursor);
  const { at_ms, job_id } = earnings;
  const rows = db
    .select()
    .from(earnings)
    .where(place ? sql`(${at_ms}, ${job_id}) < (${place[0]}, ${place[1]})` : undefined)
    .orderBy(desc(at_ms), desc(job_id))
    .limit(limit + 1)
    .all();
  return cutPage(rows, { limit, placeOf: ({ at_ms, job_id }) => [at_ms, job_id], parse });
}

const parse = (row: typeof earnings.$inferSelect): Earning => ({
  ...row,
  job_id: JobId.parse(row.job_id),
  unit: Unit.parse(row.unit),
  escrow: parseEscrow(row.escrow),
  state: EarningState.parse(row.state),
  payout: row.payout === null ? null : PayoutId.parse(row.payout),
});

const parseEscrow = (escrow: string | null): SolanaAddress | null =>
  escrow === null ? null : SolanaAddress.parse(escrow);
