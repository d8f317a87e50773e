import type { Page, PageQuery } from "@infernet/schemas/page";
import { ReputationEvent } from "@infernet/schemas/provider";
import { and, asc, desc, eq, gt, sql } from "drizzle-orm";
import { z } from "zod";
import { decodeCursor } from "../cursor.ts";
import { cutPage } from "../cut-page.ts";
import { reputation_events } from "./schema.ts";
import type { ProviderDb } from "./store.ts";

/** Where a page ended: kind, id and time of its last entry. */
const Place = z.tuple([z.string(), z.string(), z.int()]);

/** Entries read at once when all of them are gone through. */
const BATCH = 1_000;

type Kind = ReputationEvent["kind"];

/** The entry of this kind and id that counts; null when there is none. */
export function findEvent(db: ProviderDb, kind: Kind, id: string): ReputationEvent | null {
  const row = db
    .select({ event: reputation_events.event })
    .from(reputation_events)
    .where(and(eq(reputation_events.kind, kind), eq(reputation_events.id, id)))
    .orderBy(desc(reputation_events.at_ms))
    .limit(1)
    .get();
  return row ? parseEvent(row.event) : null;
}

/** Adds an entry. One of the same kind, id and time stays as it is. */
export function appendEvent(db: ProviderDb, event: ReputationEvent): void {
  const { kind, id, at_ms } = event;
  db.insert(reputation_events)
    .values({ kind, id, at_ms, event: JSON.stringify(event) })
    .onConflictDoNothing()
    .run();
}

/** All entries of one kind that count, in the order of their ids: as many in memory as a batch has. */
export function* listCounting<K extends Kind>(
  db: ProviderDb,
  kind: K,
): Generator<Extract<ReputationEvent, { kind: K }>> {
  for (let after = ""; ; ) {
    const rows = db
      // SQLite takes the other columns from the row that has the maximum.
      .select({
        id: reputation_events.id,
        event: reputation_events.event,
        at_ms: sql<number>`max(${reputation_events.at_ms})`,
      })
      .from(reputation_events)
      .where(and(eq(reputation_events.kind, kind), gt(reputation_events.id, after)))
      .groupBy(reputation_events.id)
      .orderBy(asc(reputation_events.id))
      .limit(BATCH)
      .all();
    for (const { event } of rows) {
      const parsed = parseEvent(event);
      if (isOf(parsed, kind)) yield parsed;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    after = last.id;
  }
}

/** The whole ledger in pages, ordered by kind, id and time. Throws `request_invalid` on a cursor of another list. */
export function listEvents(db: ProviderDb, { limit, cursor }: PageQuery): Page<ReputationEvent> {
  const { kind, id, at_ms } = reputation_events;
  const place = decodeCursor(Place, cursor);
  const rows = db
    .select()
    .from(reputation_events)
    .where(place ? sql`(${kind}, ${id}, ${at_ms}) > (${place[0]}, ${place[1]}, ${place[2]})` : undefined)
    .orderBy(asc(kind), asc(id), asc(at_ms))
    .limit(limit + 1)
    .all();
  return cutPage(rows, {
    limit,
    placeOf: ({ kind, id, at_ms }) => [kind, id, at_ms],
    parse: ({ event }) => parseEvent(event),
  });
}

const parseEvent = (text: string): ReputationEvent => ReputationEvent.parse(JSON.parse(text));

const isOf = <K extends Kind>(
  event: ReputationEvent,
  kind: K,
): event is Extract<ReputationEvent, { kind: K }> => event.kind === kind;
