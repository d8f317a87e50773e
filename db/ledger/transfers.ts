import { parseTransfer, type Transfer, type TransferId, TransferJson } from "@infernet/schemas/ledger";
import type { Page, PageQuery } from "@infernet/schemas/page";
import { asc, desc, eq, gt, sql } from "drizzle-orm";
import { z } from "zod";
import { decodeCursor } from "../cursor.ts";
import { cutPage } from "../cut-page.ts";
import { ledger_transfers } from "./schema.ts";
import { selectRows } from "./select-rows.ts";
import type { LedgerDb } from "./store.ts";

/** Where a page ended: time and id of its last transfer. */
const Place = z.tuple([z.int(), z.string()]);

/** Transfers read at once when all of them are gone through. */
const BATCH = 1_000;

export function findTransfer(db: LedgerDb, id: TransferId): Transfer | null {
  const row = db.select().from(ledger_transfers).where(eq(ledger_transfers.id, id)).get();
  return row ? parseRow(row) : null;
}

/** Those of these transfers that are there, in one query. */
export function findTransfers(db: LedgerDb, ids: readonly TransferId[]): Transfer[] {
  return db
    .select()
    .from(ledger_transfers)
    .where(sql`${ledger_transfers.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`)
    .all()
    .map(parseRow);
}

/** The commits and voids of these pending transfers, in one query. */
export function findSettlements(db: LedgerDb, pending: readonly TransferId[]): Transfer[] {
  return db
    .select()
    .from(ledger_transfers)
    .where(sql`${ledger_transfers.pending} IN (SELECT value FROM json_each(${JSON.stringify(pending)}))`)
    .all()
    .map(parseRow);
}

/** Adds transfers to the journal, in one statement. */
export function insertTransfers(db: LedgerDb, transfers: readonly Transfer[]): void {
  db.insert(ledger_transfers).select(selectRows(ledger_transfers, transfers)).run();
}

/** The journal in pages, newest first. Throws `request_invalid` on a cursor of another list. */
export function listTransfers(db: LedgerDb, { limit, cursor }: PageQuery): Page<Transfer> {
  const { at_ms, id } = ledger_transfers;
  const place = decodeCursor(Place, cursor);
  const rows = db
    .select()
    .from(ledger_transfers)
    .where(place ? sql`(${at_ms}, ${id}) < (${place[0]}, ${place[1]})` : undefined)
    .orderBy(desc(at_ms), desc(id))
    .limit(limit + 1)
    .all();
  return cutPage(rows, { limit, placeOf: ({ at_ms, id }) => [at_ms, id], parse: parseRow });
}

/** The whole journal in the order of ids, as many in memory as a batch has. */
export function* eachTransfer(db: LedgerDb): Generator<Transfer> {
  for (let after = ""; ; ) {
    const rows = db
      .select()
      .from(ledger_transfers)
      .where(gt(ledger_transfers.id, after))
      .orderBy(asc(ledger_transfers.id))
      .limit(BATCH)
      .all();
    yield* rows.map(parseRow);
    after = rows.at(-1)?.id ?? after;
    if (rows.length < BATCH) return;
  }
}

const parseRow = ({ amount, ...row }: typeof ledger_transfers.$inferSelect): Transfer =>
  parseTransfer(TransferJson.parse({ ...row, amount: amount.toString() }));
