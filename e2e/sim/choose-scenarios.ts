import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import type { SimOptions } from "./sim-options.ts";

type Wanted = Pick<SimOptions, "only" | "adversary" | "assurance" | "referees">;

/** The scenarios that were asked for, changed as was asked. @throws Error naming what there is */
export function chooseScenarios({ only, adversary, assurance, referees }: Wanted): Scenario[] {
  const chosen = adversary === null ? pickNamed(only) : [createOwn(adversary)];
  return chosen.map((scenario) => ({
    ...scenario,
    world: {
      ...scenario.world,
      ...(assurance === null ? {} : { verification: { assurance } }),
      ...(referees === null ? {} : { referees }),
    },
  }));
}

function pickNamed(only: readonly string[]): Scenario[] {
  if (only.length === 0) return [...SCENARIOS];
  return only.flatMap((name) => {
    const found = SCENARIOS.filter((scenario) => scenario.name === name || scenario.part === name);
    if (found.length === 0) throw new Error(`There is no scenario "${name}"; --list names all of them.`);
    return found;
  });
}

const createOwn = (file: string): Scenario => ({
  name: basename(file).replace(/\.[jt]s$/, ""),
  title: file,
  part: "zoo",
  adversary: pathToFileURL(resolve(file)).href,
  world: {},
  unit: "shards",
  seeds_share: 1,
});
