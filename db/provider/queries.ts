import { RunnerId } from "@infernet/schemas/ids";
import type { ReputationEvent } from "@infernet/schemas/provider";
import { RunnerRegistration } from "@infernet/schemas/runner";
import type { BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";
import { provider, reputation_events } from "./schema.ts";

type Database = BaseSQLiteDatabase<"sync", unknown, Record<string, unknown>>;

export interface StoredProvider {
  id: RunnerId;
  registration: RunnerRegistration;
  /** The ledger added up, as JSON: the rules know its shape. */
  totals: unknown;
  first_seen_ms: number;
  last_seen_ms: number;
}

export function readProvider(db: Database): StoredProvider | null {
  const row = db.select().from(provider).get();
  if (!row) return null;
  return {
    id: RunnerId.parse(row.id),
    registration: RunnerRegistration.parse(JSON.parse(row.registration)),
    totals: JSON.parse(row.totals),
    first_seen_ms: row.first_seen_ms,
    last_seen_ms: row.last_seen_ms,
  };
}

export function writeProvider(db: Database, stored: StoredProvider): void {
  const { id, ...rest } = stored;
  const columns = {
    ...rest,
    registration: JSON.stringify(stored.registration),
    totals: JSON.stringify(stored.totals),
  };
  db.insert(provider)
    .values({ id, ...columns })
    .onConflictDoUpdate({ target: provider.id, set: columns })
    .run();
}

/** Adds an event to the ledger; false when it stands there already. */
export function appendReputationEvent(db: Database, event: ReputationEvent): boolean {
  const { kind, id, at_ms } = event;
  const added = db
    .insert(reputation_events)
    .values({ kind, id, at_ms, event: JSON.stringify(event) })
    .onConflictDoNothing()
    .returning({ id: reputation_events.id })
    .all();
  return added.length > 0;
}
