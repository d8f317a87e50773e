import type { StoredProvider } from "@infernet/db/provider/queries";
import { type ReputationTotals, renderReputation } from "@infernet/protocol/reputation";
import { renderInstant } from "@infernet/schemas/instant";
import type { Provider } from "@infernet/schemas/provider";
import { z } from "zod";

const Totals: z.ZodType<ReputationTotals> = z.strictObject({
  shards_completed: z.int(),
  rows_completed: z.int(),
  shards_failed: z.int(),
  shards_expired: z.int(),
  shards_agreed: z.int(),
  shards_outvoted: z.int(),
  latency_ms_total: z.int(),
  up_ms: z.int(),
  first_seen_ms: z.int().nullable(),
});

/** The ledger's sums as they were stored. */
export const parseTotals = (stored: unknown): ReputationTotals => Totals.parse(stored);

/** What everybody may see of a provider. */
export function renderProvider(stored: StoredProvider, now_ms: number): Provider {
  const { name, version, capability } = stored.registration;
  const totals = parseTotals(stored.totals);
  return {
    id: stored.id,
    object: "provider",
    name: name ?? null,
    version,
    capability,
    marked: totals.shards_outvoted > 0,
    reputation: renderReputation(totals, now_ms),
    first_seen_at: renderInstant(stored.first_seen_ms),
    last_seen_at: renderInstant(stored.last_seen_ms),
  };
}
