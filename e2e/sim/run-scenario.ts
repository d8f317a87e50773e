import type { CreateAdversary } from "./adversary.ts";
import { SCHEMES } from "./baselines/schemes.ts";
import { runWorld } from "./run-world.ts";
import type { Scenario } from "./scenarios.ts";
import type { Tally } from "./tally.ts";
import { DEFAULT_WORLD } from "./world.ts";

export interface Run {
  seed: number;
  tally: Tally;
  /** Real time that it took. */
  took_ms: number;
}

/** One scenario with one seed. @throws Error when the adversary's file has no `createAdversary`, or a rule is broken */
export async function runScenario(scenario: Scenario, seed: number): Promise<Run> {
  const createAdversary = await loadAdversary(scenario.adversary);
  const world = { ...DEFAULT_WORLD, ...scenario.world, createAdversary, seed };
  const start_ms = performance.now();
  const run = scenario.scheme === undefined ? runWorld : SCHEMES[scenario.scheme].run;
  const tally = run(world);
  return { seed, tally, took_ms: performance.now() - start_ms };
}

async function loadAdversary(name: string): Promise<CreateAdversary> {
  const url = name.includes(":") ? name : new URL(`adversaries/${name}.ts`, import.meta.url).href;
  const file: unknown = await import(url);
  if (typeof file !== "object" || file === null || !("createAdversary" in file))
    throw new Error(`${name} exports no createAdversary: see e2e/sim/adversary.ts`);
  return file.createAdversary as CreateAdversary;
}
