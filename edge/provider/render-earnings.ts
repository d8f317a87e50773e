import { eachAccount } from "@infernet/db/ledger/accounts";
import { listEarnings } from "@infernet/db/provider/earnings";
import { findEvent } from "@infernet/db/provider/ledger";
import { readPayout } from "@infernet/db/provider/payouts";
import type { ProviderDb } from "@infernet/db/provider/store";
import { accountOf } from "@infernet/protocol/books/provider-book";
import type { Earning, EarningState, EarningSums, Earnings, EarningView } from "@infernet/schemas/earning";
import type { JobId } from "@infernet/schemas/ids";
import { renderInstant } from "@infernet/schemas/instant";
import { balanceOf, type Unit } from "@infernet/schemas/ledger";
import type { PageQuery } from "@infernet/schemas/page";

/** What a provider's owner sees of its earnings: the sums of its book, and a page of what they are made of. */
export function renderEarnings(db: ProviderDb, query: PageQuery): Earnings {
  const { data, next_cursor } = listEarnings(db, query);
  return { sums: sumUp(db), data: data.map((earning) => renderEarning(db, earning)), next_cursor };
}

function renderEarning(db: ProviderDb, earning: Earning): EarningView {
  const { job_id, unit, escrow, micro, at_ms, ripens_ms, state, payout } = earning;
  return {
    job_id,
    unit,
    escrow,
    ...workIn(db, job_id),
    earned_micro: micro.toString(),
    state,
    earned_at: renderInstant(at_ms),
    held_until: renderInstant(ripens_ms),
    payout,
    reference: payout === null ? null : (readPayout(db, payout)?.result?.reference ?? null),
  };
}

function workIn(db: ProviderDb, job_id: JobId): Pick<EarningView, "shards" | "checks"> {
  const event = findEvent(db, "work", job_id);
  return event?.kind === "work"
    ? { shards: event.tally.shards_completed, checks: event.tally.audits_made }
    : { shards: 0, checks: 0 };
}

const STATES: Readonly<Record<EarningState, keyof Omit<EarningSums, "unit">>> = {
  held: "held_micro",
  payable: "payable_micro",
  ordered: "ordered_micro",
  paid: "paid_micro",
  taken_back: "taken_back_micro",
};

function sumUp(db: ProviderDb): EarningSums[] {
  const byUnit = new Map<Unit, EarningSums>();
  for (const entry of eachAccount(db))
    for (const state of Object.keys(STATES) as EarningState[]) {
      if (entry.name !== accountOf(state)) continue;
      const sums = byUnit.get(entry.unit) ?? emptySums(entry.unit);
      byUnit.set(entry.unit, { ...sums, [STATES[state]]: balanceOf(entry).toString() });
    }
  return [...byUnit.values()];
}

const emptySums = (unit: Unit): EarningSums => ({
  unit,
  held_micro: "0",
  payable_micro: "0",
  ordered_micro: "0",
  paid_micro: "0",
  taken_back_micro: "0",
});
