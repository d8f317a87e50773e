import { listCounting } from "@infernet/db/provider/ledger";
import type { ProviderDb } from "@infernet/db/provider/store";
import { isMark, type Mark } from "@infernet/protocol/ban-rules";
import { addUp, type CommonEvent, EMPTY_LEDGER, type LedgerTotals } from "@infernet/protocol/ledger-totals";
import { MicroAmount } from "@infernet/schemas/money";
import { LatencyHistogram, ReputationEvent } from "@infernet/schemas/provider";
import { z } from "zod";

const Totals: z.ZodType<LedgerTotals> = z.strictObject({
  shards_completed: z.int(),
  shards_failed: z.int(),
  shards_expired: z.int(),
  rows_completed: z.int(),
  audits_passed: z.int(),
  rows_audited: z.int(),
  audits_made: z.int(),
  latency: LatencyHistogram,
  up_ms: z.int(),
  first_seen_ms: z.int().nullable(),
  ripe_micro: MicroAmount,
  taken_back_micro: MicroAmount,
  held: z.array(z.strictObject({ ripens_ms: z.int(), micro: MicroAmount })),
  marks: z.array(ReputationEvent).transform((events) => events.filter(isMark)),
});

/** The ledger's totals as they were stored; added up anew where an earlier version of this program stored others. */
export function readTotals(db: ProviderDb, stored: unknown, now_ms: number): LedgerTotals {
  const totals = Totals.safeParse(stored);
  return totals.success ? totals.data : addUp(listMarks(db), listCommon(db), now_ms);
}

export const NO_TOTALS = EMPTY_LEDGER;

/** Every common entry that counts. */
export function* listCommon(db: ProviderDb): Generator<CommonEvent> {
  yield* listCounting(db, "work");
  yield* listCounting(db, "uptime");
}

const listMarks = (db: ProviderDb): Mark[] =>
  (["convicted", "banned", "appealed", "ban_lifted", "amnesty"] as const).flatMap((kind) => [
    ...listCounting(db, kind),
  ]);
