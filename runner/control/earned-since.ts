import type { EarningSums } from "@infernet/schemas/earning";
import { parseInstant } from "@infernet/schemas/instant";
import { LIMITS } from "@infernet/schemas/limits";
import { eachPage } from "../earnings/each-page.ts";
import type { EdgeClient } from "../transport/edge-client.ts";

/** Pages of jobs that are read at most: a machine with more jobs in a day is told a sum from the latest. */
const PAGES_MAX = 10;

export interface Earned {
  unit: EarningSums["unit"];
  micro: bigint;
}

/** What the machine has earned since then, held or not, by unit; what was taken back does not count. */
export async function earnedSince(
  client: Pick<EdgeClient, "getEarnings">,
  since: Date,
  signal: AbortSignal,
): Promise<Earned[]> {
  const sums = new Map<Earned["unit"], bigint>();
  let pages = 0;
  for await (const { data } of eachPage(client, LIMITS.list_page_items_max, signal)) {
    const fresh = data.filter(({ earned_at }) => parseInstant(earned_at) >= since.getTime());
    for (const { unit, earned_micro, state } of fresh) {
      if (state !== "taken_back") sums.set(unit, (sums.get(unit) ?? 0n) + BigInt(earned_micro));
    }
    pages += 1;
    if (fresh.length < data.length || pages === PAGES_MAX) break;
  }
  return [...sums].map(([unit, micro]) => ({ unit, micro }));
}

/** Midnight of the machine's own day. */
export const startOfDay = (now: Date): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate());
