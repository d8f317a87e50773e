import { readPayout, type StoredPayout } from "@infernet/db/treasury/payouts";
import { listOwedResults, noteResultFailure, removeResult } from "@infernet/db/treasury/results";
import { reachPause } from "@infernet/protocol/settlement-batch/decide-retry";
import { LIMITS } from "@infernet/schemas/limits";
import type { PayoutResult } from "@infernet/schemas/payout";
import type { TreasuryContext } from "./context.ts";

/** Tells providers how their payouts came out, each until it is acknowledged. */
export async function tellResults({ db, now, tellProvider }: TreasuryContext): Promise<void> {
  const owed = listOwedResults(db, now(), LIMITS.payout_results_told_at_once);
  await Promise.all(
    owed.map(async (result) => {
      const payout = readPayout(db, result.payout);
      try {
        if (payout !== null) await tellProvider(payout.order.provider, resultOf(payout));
        removeResult(db, result.payout);
      } catch {
        noteResultFailure(db, result, now() + reachPause(result.failures));
      }
    }),
  );
}

const resultOf = ({ order, state, reference, detail, at_ms }: StoredPayout): PayoutResult => ({
  id: order.id,
  state: state === "paid" ? "paid" : "returned",
  reference,
  detail,
  at_ms,
});
