import { isFit, type Need } from "@infernet/protocol/match";
import type { WaitingRunner } from "@infernet/protocol/offers";
import { LIMITS } from "@infernet/schemas/limits";
import type { RosterEntry } from "@infernet/schemas/verification";
import { shuffled } from "./buckets.ts";
import { drawWeight } from "./draw-weight.ts";
import type { Standing } from "./standing.ts";

type Drawable = WaitingRunner & Pick<Standing, "passed" | "groups" | "cores">;

/**
 * Runners that work of a job can be drawn for. Of more than a roster holds a random part, with all referees in it: ids
 * cost nothing to make, so a cut by id would be its maker's choice.
 */
export function renderRoster(runners: Iterable<Drawable>, need: Need, random: () => number): RosterEntry[] {
  const able = [...runners].filter((runner) => runner.duty !== "none" && isFit(runner, need));
  return sample(able, random).map(({ id, capability, duty, groups, passed, cores }) => ({
    id,
    weight: drawWeight(capability, cores),
    groups,
    passed,
    referee: duty === "disputes",
  }));
}

function sample(able: Drawable[], random: () => number): Drawable[] {
  if (able.length <= LIMITS.roster_runners_max) return able;
  const referees = able.filter(({ duty }) => duty === "disputes");
  const others = able.filter(({ duty }) => duty !== "disputes");
  return [...referees, ...shuffled(others, random)].slice(0, LIMITS.roster_runners_max);
}
