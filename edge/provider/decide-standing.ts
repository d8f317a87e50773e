import type { StoredProvider } from "@infernet/db/provider/queries";
import { projectBan } from "@infernet/protocol/ban-rules";
import { measuredCores } from "@infernet/protocol/challenge/believed-cores";
import { isNew } from "@infernet/protocol/credibility";
import type { LedgerTotals } from "@infernet/protocol/ledger-totals";
import type { Duty } from "@infernet/protocol/offers";
import { trustedPasses } from "@infernet/protocol/reputation";
import type { Standing } from "../dispatcher/standing.ts";

export function decideStanding(
  {
    registration,
    trusted,
    groups,
    measured,
  }: Pick<StoredProvider, "registration" | "trusted" | "groups" | "measured">,
  totals: LedgerTotals,
  now_ms: number,
): Standing {
  return {
    duty: dutyOf(registration.referee, trusted),
    passed: trustedPasses(totals),
    groups,
    cores: measuredCores(measured, now_ms),
    ban: projectBan(totals.marks, now_ms),
  };
}

/** Whoever offers to be a referee does nothing else, and nothing at all until it is trusted. */
function dutyOf(offersReferee: boolean, trusted: boolean): Duty {
  if (!offersReferee) return "work";
  return trusted ? "disputes" : "none";
}

/** Whether the dispatcher ought to know. Of passed checks each one matters at first, and later a tenth more. */
export function isStandingNews(told: Standing, now: Standing): boolean {
  if (told.duty !== now.duty || told.groups.join() !== now.groups.join()) return true;
  if (told.cores !== now.cores) return true;
  if (JSON.stringify(told.ban) !== JSON.stringify(now.ban)) return true;
  if (now.passed < told.passed || isNew(told.passed)) return now.passed !== told.passed;
  return 10 * now.passed >= 11 * told.passed;
}
