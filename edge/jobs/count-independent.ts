import type { Need } from "@infernet/protocol/match";
import type { RosterEntry } from "@infernet/schemas/verification";
import { epochAt, seedOf } from "../epochs/epochs.ts";
import { readRoster } from "./read-roster.ts";

/**
 * Runners that fit and may check each other: no two of them share an owner, a payout address or a network. Found by
 * taking those with the fewest groups first, so it may be one or two short of the most that there are.
 */
export async function countIndependent(env: Env, need: Need): Promise<number> {
  const seed = await seedOf(env, epochAt(env, Date.now()));
  const { runners } = await readRoster(env, need, seed);
  const taken = new Set<string>();
  let count = 0;
  for (const { groups } of runners.filter(({ referee }) => !referee).sort(byGroups)) {
    if (groups.some((group) => taken.has(group))) continue;
    for (const group of groups) taken.add(group);
    count += 1;
  }
  return count;
}

const byGroups = (a: RosterEntry, b: RosterEntry): number => a.groups.length - b.groups.length;
