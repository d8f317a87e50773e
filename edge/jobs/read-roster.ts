import type { Need } from "@infernet/protocol/match";
import { hmacSha256 } from "@infernet/schemas/hash";
import { LIMITS } from "@infernet/schemas/limits";
import type { Roster, RosterEntry } from "@infernet/schemas/verification";
import { hex } from "@scure/base";
import { listBuckets } from "../dispatcher/buckets.ts";

/**
 * Every runner of all dispatchers that checks could be drawn for, in the order of their ids. Of more than a roster
 * holds, the referees and a choice of the others that nobody can bring about by choosing a key, and that stays the same
 * as long as `seed` does.
 */
export async function readRoster(env: Env, need: Need, seed: Uint8Array): Promise<Roster> {
  const entries = await Promise.all(listBuckets(env).map((bucket) => bucket.roster(need)));
  const byId = new Map(entries.flat().map((entry) => [entry.id, entry]));
  const runners = chooseEntries([...byId.values()], seed).sort((a, b) => (a.id < b.id ? -1 : 1));
  return { runners };
}

function chooseEntries(entries: RosterEntry[], seed: Uint8Array): RosterEntry[] {
  if (entries.length <= LIMITS.roster_runners_max) return entries;
  const text = new TextEncoder();
  const place = ({ id, referee }: RosterEntry): string =>
    (referee ? "0" : "1") + hex.encode(hmacSha256(seed, text.encode(`roster ${id}`)));
  return entries
    .map((entry) => ({ entry, place: place(entry) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .slice(0, LIMITS.roster_runners_max)
    .map(({ entry }) => entry);
}
