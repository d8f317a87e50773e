import { canonicalBytes } from "@infernet/schemas/digest";
import { hashSha256, renderHash } from "@infernet/schemas/hash";
import type { Draw, Roster } from "@infernet/schemas/verification";
import { changed, type Draft } from "./draft.ts";
import type { Check, JobProgress } from "./job-progress.ts";

/** Remembers who could be drawn. */
export function foldRosters(draft: Draft, rosters: readonly Roster[]): void {
  if (rosters.length === 0) return;
  const all = new Map(draft.now.rosters);
  const known = new Map(draft.now.known);
  for (const roster of rosters) {
    all.set(rosterDigest(roster), roster);
    for (const entry of roster.runners) known.set(entry.id, entry);
  }
  draft.set({ rosters: all, known });
}

/** What a roster is named by: sha256 of its canonical JSON. */
export const rosterDigest = (roster: Roster) => renderHash(hashSha256(canonicalBytes(roster)));

/** Adds the checks that were drawn. One that was drawn before and skipped gets another chance. */
export function foldDraws(draft: Draft, draws: readonly Draw[], at_ms: number): void {
  for (const draw of draws) {
    const before = draft.shard(draw.shard);
    const fresh = draw.runners.map(
      (runner): Check => ({
        runner,
        role: draw.purpose,
        of: draw.of,
        value: draw.value,
        drawn_ms: at_ms,
        lease: null,
        state: "drawn",
        answer: null,
        comparisons: [],
        outcome: "pending",
      }),
    );
    const isAgain = (check: Check): boolean =>
      check.state === "skipped" && fresh.some((next) => isSameCheck(next, check));
    const givenUp = before.checks
      .filter(({ state, runner }) => state === "skipped" && draw.runners.includes(runner))
      .map(({ lease }) => lease);
    draft.setShard(draw.shard, {
      ...before,
      // Who is drawn again has something else to do than under the lease that it did not answer in time.
      leases: before.leases.filter(({ id }) => !givenUp.includes(id)),
      checks: [...before.checks.filter((check) => !isAgain(check)), ...fresh],
      draws: [...before.draws, draw],
      wanted: draw.wanted,
    });
  }
}

const isSameCheck = (a: Check, b: Check): boolean =>
  a.runner === b.runner && a.role === b.role && a.of === b.of;

/** A check that is awaited no more. */
export const skipCheck = (check: Check): Check =>
  check.state === "drawn" || check.state === "leased" ? { ...check, state: "skipped" } : check;

/** The progress with more known of who could be drawn, and with more drawn. */
export const applyRosters = (progress: JobProgress, rosters: readonly Roster[]): JobProgress =>
  rosters.length === 0 ? progress : changed(progress, (draft) => foldRosters(draft, rosters));
export const applyDraws = (progress: JobProgress, draws: readonly Draw[], at_ms: number): JobProgress =>
  draws.length === 0 ? progress : changed(progress, (draft) => foldDraws(draft, draws, at_ms));
