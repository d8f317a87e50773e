import type { RunnerId } from "@infernet/schemas/ids";
import type { Draw, Roster, RosterEntry } from "@infernet/schemas/verification";
import type { Check, JobProgress } from "./job-progress.ts";

/**
 * Who may be drawn: nobody convicted, of trusted referees all for a disagreement and none for an audit, and nobody with a
 * part in the matter or in a group with somebody who has. For an audit that is whoever made or checked the answer; for a
 * disagreement its two sides and those who were asked about it, and the answer's other checkers only when nobody else is
 * there. Those who were drawn before and fell out come late.
 *
 * @param checks of the answer that is in question
 */
export function listEligible(
  progress: JobProgress,
  checks: readonly Check[],
  maker: RunnerId,
  purpose: Draw["purpose"],
  of: RunnerId | null,
  roster: Roster,
): readonly RosterEntry[] {
  const index = indexRoster(roster);
  const parties = listWithFriends(progress, index, [maker, ...listParties(checks, purpose, of)]);
  const may = (entry: RosterEntry): boolean => !parties.has(entry) && !progress.convicted.has(entry.id);
  const trusted = purpose === "referee" ? index.referees.filter(may) : [];
  if (trusted.length > 0) return preferFresh(trusted, checks);
  const others = index.others.filter(may);
  if (purpose === "audit") return preferFresh(others, checks);
  const bystanders = listWithFriends(progress, index, listParties(checks, "audit", null));
  const apart = others.filter((entry) => !bystanders.has(entry));
  return preferFresh(apart.length > 0 ? apart : others, checks);
}

/** Whose checks give them a part in the matter. */
const listParties = (checks: readonly Check[], purpose: Draw["purpose"], of: RunnerId | null): RunnerId[] =>
  checks
    .filter(
      (check) =>
        check.state !== "skipped" &&
        (purpose === "audit" || (check.role === "referee" ? check.of === of : check.runner === of)),
    )
    .map(({ runner }) => runner);

/** Entries of these runners, and of all who share a group with one of them; whom the operator trusts has no friends. */
function listWithFriends(
  { known }: JobProgress,
  { byId, byGroup }: RosterIndex,
  runners: readonly RunnerId[],
): ReadonlySet<RosterEntry> {
  const entries = new Set<RosterEntry>();
  for (const runner of runners) {
    const own = byId.get(runner);
    if (own !== undefined) entries.add(own);
    const { groups = [], referee = false } = own ?? known.get(runner) ?? {};
    if (referee) continue;
    for (const group of groups) for (const entry of byGroup.get(group) ?? []) entries.add(entry);
  }
  return entries;
}

function preferFresh(entries: readonly RosterEntry[], checks: readonly Check[]): readonly RosterEntry[] {
  const skipped = new Set<RunnerId>();
  for (const check of checks) if (check.state === "skipped") skipped.add(check.runner);
  if (skipped.size === 0) return entries;
  const fresh = entries.filter(({ id }) => !skipped.has(id));
  return fresh.length > 0 ? fresh : entries;
}

interface RosterIndex {
  byId: ReadonlyMap<RunnerId, RosterEntry>;
  byGroup: ReadonlyMap<string, readonly RosterEntry[]>;
  referees: readonly RosterEntry[];
  others: readonly RosterEntry[];
}

const indexed = new WeakMap<Roster, RosterIndex>();

/** Made once for each roster. */
function indexRoster(roster: Roster): RosterIndex {
  const known = indexed.get(roster);
  if (known !== undefined) return known;
  const { runners } = roster;
  const byGroup = new Map<string, RosterEntry[]>();
  for (const entry of runners)
    for (const group of entry.groups) byGroup.set(group, [...(byGroup.get(group) ?? []), entry]);
  const index: RosterIndex = {
    byId: new Map(runners.map((entry) => [entry.id, entry])),
    byGroup,
    referees: runners.filter(({ referee }) => referee),
    others: runners.filter(({ referee }) => !referee),
  };
  indexed.set(roster, index);
  return index;
}
