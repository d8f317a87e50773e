import { MeasuredSpeed } from "@infernet/schemas/challenge";
import { RunnerId } from "@infernet/schemas/ids";
import { RunnerRegistration } from "@infernet/schemas/runner";
import { z } from "zod";
import { provider } from "./schema.ts";
import type { ProviderDb } from "./store.ts";

export interface StoredProvider {
  id: RunnerId;
  registration: RunnerRegistration;
  /** The ledger added up, as JSON: the rules know its shape. */
  totals: unknown;
  /** What it shares with machines it may not check, as opaque tags. */
  groups: string[];
  /** Whether the operator trusts it to decide disagreements. */
  trusted: boolean;
  /** When its payout address was changed last, in Unix ms; null: never. */
  payout_changed_ms: number | null;
  /** What a challenge has measured of its machine; null before the first. */
  measured: MeasuredSpeed | null;
  first_seen_ms: number;
  last_seen_ms: number;
}

const Groups = z.array(z.string());

export function readProvider(db: ProviderDb): StoredProvider | null {
  const row = db.select().from(provider).get();
  if (!row) return null;
  return {
    ...row,
    id: RunnerId.parse(row.id),
    registration: RunnerRegistration.parse(JSON.parse(row.registration)),
    totals: JSON.parse(row.totals),
    groups: Groups.parse(JSON.parse(row.groups)),
    measured: readMeasured(row.measured),
  };
}

export function writeProvider(db: ProviderDb, stored: StoredProvider): void {
  const { id, ...rest } = stored;
  const columns = {
    ...rest,
    registration: JSON.stringify(stored.registration),
    totals: JSON.stringify(stored.totals),
    groups: JSON.stringify(stored.groups),
    measured: stored.measured && JSON.stringify(stored.measured),
  };
  db.insert(provider)
    .values({ id, ...columns })
    .onConflictDoUpdate({ target: provider.id, set: columns })
    .run();
}

/** What an earlier version of this program measured in another way counts as not measured. */
function readMeasured(text: string | null): MeasuredSpeed | null {
  if (text === null) return null;
  const measured = MeasuredSpeed.safeParse(JSON.parse(text));
  return measured.success ? measured.data : null;
}
